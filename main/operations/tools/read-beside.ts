import { fileError } from '../../../engine/files/file-error.ts'
import { readRegular } from '../../../engine/files/regular-file.ts'
import { parsePythonJson } from '../../../engine/files/python-json.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../../engine/requests/error.ts'
import type { BesideFacts, BesideFormat } from '../beside/beside.ts'
import { besideFormats } from '../beside/index.ts'

export interface ReadBeside {
  readonly facts: BesideFacts
  /** Files that could not be read, each with its reason. */
  readonly problems: readonly ErrorRecord[]
}

/** With pictures' addresses and their prompts, an answer of CivitAI's has some hundred kilobytes. */
const largest = 8 << 20

/** What stands in files beside an adapter, the first format's word before the next one's. Broken ones are named and harm nothing. */
export async function readBeside({ paths }: { paths: readonly string[] }): Promise<ReadBeside> {
  let facts: BesideFacts = {}
  const problems: ErrorRecord[] = []
  for (const format of besideFormats)
    for (const path of paths.filter((one) => formatOf(one) === format))
      try {
        facts = over(facts, format.read(await jsonOf(path)))
      } catch (error) {
        problems.push(errorRecord(fileError(error, path, 'read')))
      }
  return { facts, problems }
}

/** `ink.metadata.json` ends as `ink.json` does: the longest ending is meant. */
const formatOf = (path: string): BesideFormat | undefined =>
  besideFormats
    .filter(({ ending }) => path.toLowerCase().endsWith(ending))
    .toSorted((a, b) => b.ending.length - a.ending.length)
    .at(0)

/** Words of both are ways to call it. */
function over(first: BesideFacts, then: BesideFacts): BesideFacts {
  const words = [...new Set([...(first.words ?? []), ...(then.words ?? [])])]
  return { ...then, ...first, ...(words.length > 0 ? { words } : {}) }
}

async function jsonOf(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readRegular(path, largest))
  try {
    return parsePythonJson(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PigmentError(
      'adapter-beside-broken',
      `"${path}" is not JSON (${reason}). What it says of the adapter is not shown; write it again with the program that it is from, or remove it.`,
      { path, reason },
      cause,
    )
  }
}
