// Which captioner is meant: by its name, or by what lies in a folder.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { answering } from '../files/answering.ts'
import { fileError } from '../files/file-error.ts'
import { PigmentError } from '../requests/error.ts'
import type { Captioner } from './captioner.ts'
import { captioners } from './kinds/index.ts'

export interface FoundCaptioner {
  readonly captioner: Captioner
  /** Those of its folder, in the order of the captioner's own list. */
  readonly files: readonly string[]
}

/** Those that need no folder. */
export const captionersByName: readonly Captioner[] = captioners.filter(({ files }) => files.length === 0)

/** The one of this name, or in this folder. Throws `captioner-unknown`, `captioner-incomplete` and why the folder cannot be read. */
export async function findCaptioner(nameOrFolder: string): Promise<FoundCaptioner> {
  const named = captionersByName.find(({ name }) => name === nameOrFolder)
  return named ? { captioner: named, files: [] } : captionerIn(nameOrFolder)
}

async function captionerIn(folder: string): Promise<FoundCaptioner> {
  const list = (at: string): Promise<string[]> => answering(at, (ask) => ask(() => readdir(at)))
  const names = await list(folder).catch((error: unknown) => {
    const record = error instanceof PigmentError ? error : fileError(error, folder, 'read')
    if (record.code === 'file-not-found') throw unknown(folder, 'there is no such folder')
    throw record
  })
  // Where transformers.js looks.
  const inside = names.includes('onnx') ? await list(join(folder, 'onnx')).catch((): string[] => []) : []
  const seen = captioners
    .filter(({ files }) => files.length > 0)
    .map((captioner) => ({
      captioner,
      files: captioner.files.map((file) => {
        const here = file.names.find((name) => names.includes(name))
        const deeper = file.names.find((name) => inside.includes(name))
        return here !== undefined ? join(folder, here) : deeper === undefined ? undefined : join(folder, 'onnx', deeper)
      }),
    }))
  const whole = seen.find(({ files }) => files.every((file) => file !== undefined))
  if (whole) return { captioner: whole.captioner, files: whole.files.flatMap((file) => file ?? []) }
  const known = (files: readonly (string | undefined)[]): number => files.filter((file) => file !== undefined).length
  const [closest] = seen.toSorted((a, b) => known(b.files) / b.files.length - known(a.files) / a.files.length)
  if (!closest || known(closest.files) === 0) throw unknown(folder, 'it holds no files of a captioner')
  const missing = closest.captioner.files.flatMap(({ names: [first = ''] }, i) => (closest.files[i] === undefined ? [first] : []))
  throw new PigmentError(
    'captioner-incomplete',
    `"${basename(folder)}" looks like a ${closest.captioner.title}, and lacks ${missing.join(', ')}. Put what is missing beside the rest, as it was published.`,
    { folder, missing, kind: closest.captioner.name },
  )
}

function unknown(folder: string, reason: string): PigmentError {
  const names = captionersByName.map(({ name }) => name)
  const layouts = captioners.flatMap(({ title, files }) =>
    files.length === 0 ? [] : [`${title}: ${files.map(({ names: [first = ''] }) => first).join(', ')}`],
  )
  return new PigmentError(
    'captioner-unknown',
    `"${folder}" is no captioner: ${reason}. Write ${names.join(', ')}, or a folder with the files of one (${layouts.join('; ')}).`,
    { folder, reason, names, layouts },
  )
}
