// Captions in one file for many pictures: the rows of Hugging Face's imagefolder, and the tables that sd-scripts' preparation writes.
// References: datasets, folder_based_builder.py (`metadata.jsonl`, `file_name`); sd-scripts, train_util.py, FineTuningDataset.
import { parsePythonJson } from '../files/python-json.ts'
import { readRegular } from '../files/regular-file.ts'
import { PigmentError, type ErrorRecord } from '../requests/error.ts'
import { joinLines } from './sidecar.ts'

/** A row for each of 200,000 pictures fits. */
const MAX_LIST_BYTES = 32 * 2 ** 20
const jsonl = /^metadata\.jsonl$/i
const table = /^meta(data)?(_\w+)?\.json$/i
/** Lists that are known and not read. */
const unread = /^(metadata\.(csv|tsv|parquet)|dataset\.(csv|jsonl)|captions?\.(csv|jsonl?))$/i
/** sd-scripts makes them one from the other; the last one holds the most. */
const later = ['meta_cap.json', 'meta_cap_dd.json', 'meta_clean.json', 'meta_lat.json']
const captionColumns = ['text', 'caption', 'prompt', 'additional_feature', 'description']

export interface CaptionList {
  /** By what the list calls a picture: a path, or a name without its ending. With `/`. */
  readonly captions: ReadonlyMap<string, string>
  /** Its rows that say nothing of use, or what is wrong with all of it. */
  readonly problem?: ErrorRecord
}

/** The lists among the names of a folder, what counts most last. */
export function listNames(names: readonly string[]): string[] {
  const rank = (name: string): number => (jsonl.test(name) ? later.length + 1 : later.indexOf(name.toLowerCase()) + 1)
  return names.filter((name) => jsonl.test(name) || table.test(name)).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

export const isUnreadList = (name: string): boolean => unread.test(name)

/** Reads a list. What is wrong with it becomes its problem: `left-out-list`. */
export async function readCaptionList(path: string, name: string): Promise<CaptionList> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readRegular(path, MAX_LIST_BYTES))
    return jsonl.test(name) ? readRows(text, name) : readTable(text, name)
  } catch (error) {
    const why = error instanceof PigmentError ? error.message : `It is not ${jsonl.test(name) ? 'rows of JSON' : 'JSON'} in UTF-8.`
    return { captions: new Map(), problem: listProblem(name, why) }
  }
}

function readRows(text: string, name: string): CaptionList {
  const captions = new Map<string, string>()
  let bad = 0
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.trim() === '') continue
    const row = parsed(line)
    const key = row?.file_name
    const caption = captionColumns.map((column) => row?.[column]).find((value) => typeof value === 'string')
    if (typeof key === 'string' && typeof caption === 'string') captions.set(normal(key), joinLines(caption))
    else bad++
  }
  if (bad === 0) return { captions }
  return { captions, problem: listProblem(name, `${bad} of its rows have no "file_name" or no "text".`) }
}

function readTable(text: string, name: string): CaptionList {
  const captions = new Map<string, string>()
  for (const [key, value] of Object.entries(parsePythonJson(text) as Record<string, unknown>)) {
    if (typeof value !== 'object' || value === null) continue
    const { caption, tags } = value as { caption?: unknown; tags?: unknown }
    const parts = [caption, tags].filter((part) => typeof part === 'string').map(joinLines)
    if (parts.length > 0) captions.set(normal(key), parts.filter((part) => part !== '').join(', '))
  }
  return { captions, ...(captions.size === 0 ? { problem: listProblem(name, 'None of its entries has a "caption" or "tags".') } : {}) }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value = parsePythonJson(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const normal = (key: string): string => key.replaceAll('\\', '/').replace(/^(\.\/)+/, '')

export function listProblem(name: string, why: string): ErrorRecord {
  const sentence = `The list of captions "${name}" is not read as it should be. ${why} Write the captions into text files beside the pictures.`
  return { code: 'left-out-list', message: sentence, facts: { name, why } }
}
