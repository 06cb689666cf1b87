// The files of a CLIP vocabulary: vocab.json and merges.txt, or a tokenizer.json that holds both, as transformers 5 writes it.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { systemLimit } from '../files/file-error.ts'
import { readRegular } from '../files/regular-file.ts'
import type { ClipVocabularyFiles } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'

export const END_OF_TEXT = '<|endoftext|>'
const MAX_VOCABULARY_BYTES = 16 * 1024 * 1024

export type Merge = readonly [left: string, right: string]

/** The vocabulary in a folder, if there is one. The older two files come first: they need no more than what is read here. */
export async function vocabularyIn(folder: string): Promise<ClipVocabularyFiles | undefined> {
  const names = await readdir(folder).catch((): string[] => [])
  const both = ['vocab.json', 'merges.txt'].every((name) => names.includes(name))
  const one = join(folder, 'tokenizer.json')
  if (!both && !names.includes('tokenizer.json')) return undefined
  const padToken = await padTokenIn(folder, names)
  return {
    ...(both ? { vocab: join(folder, 'vocab.json'), merges: join(folder, 'merges.txt') } : { vocab: one, merges: one }),
    ...(padToken === undefined ? {} : { padToken }),
  }
}

const configFile = 'tokenizer_config.json'
const specialFile = 'special_tokens_map.json'

/**
 * As transformers reads it: special_tokens_map.json counts unless tokenizer_config.json is of the newer kind that lists its added tokens, and a
 * folder with either that names none takes the end mark, its CLIPTokenizer's own.
 */
async function padTokenIn(folder: string, names: readonly string[]): Promise<string | undefined> {
  const table = (name: string): Promise<Table> | undefined => (names.includes(name) ? readTable(join(folder, name)) : undefined)
  const [config, special] = [await table(configFile), await table(specialFile)]
  if (!config && !special) return undefined
  if (config?.['padding_side'] === 'left')
    throw corrupt(join(folder, configFile), 'it pads on the left, which no text encoder of CLIP does')
  const map = config?.['added_tokens_decoder'] === undefined ? special : undefined
  const token = map?.['pad_token'] ?? config?.['pad_token'] ?? END_OF_TEXT
  return typeof token === 'string' ? token : String(tableIn(token)?.['content'])
}

/** The id of the token that a vocabulary is padded with, where its folder says one. Throws `tokenizer-corrupt`. */
export async function padIdOf({ vocab, padToken }: ClipVocabularyFiles): Promise<number | undefined> {
  if (padToken === undefined) return undefined
  const id = (await readVocabulary(vocab)).get(padToken)
  if (id === undefined) throw corrupt(vocab, `it lacks the token "${padToken.slice(0, 60)}" that its folder pads prompts with`)
  return id
}

/** Token → id. Throws `tokenizer-missing` or `tokenizer-corrupt`. */
export async function readVocabulary(path: string): Promise<Map<string, number>> {
  const table = await readTable(path)
  const model = tableIn(table['model'])
  const vocab = new Map<string, number>()
  for (const [token, id] of [...Object.entries(model ? (tableIn(model['vocab']) ?? {}) : table), ...addedTokens(table)]) {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id > 0xffffff)
      throw corrupt(path, `token "${token.slice(0, 60)}" has the id ${String(id)}`)
    vocab.set(token, id)
  }
  return vocab
}

/** Pairs of symbols in the order in which they are merged. Throws `tokenizer-missing` or `tokenizer-corrupt`. */
export async function readMerges(path: string): Promise<Merge[]> {
  return (await mergesIn(path)).map((symbols, i) => {
    const [left, right, ...rest] = symbols
    if (!left || !right || rest.length > 0) throw corrupt(path, `merge ${i + 1} is not two symbols: "${symbols.join(' ').slice(0, 60)}"`)
    return [left, right]
  })
}

async function mergesIn(path: string): Promise<readonly (readonly string[])[]> {
  if (!path.toLowerCase().endsWith('.json')) {
    const lines = (await readText(path)).split(/\r?\n/).filter((line, i) => line !== '' && !(i === 0 && line.includes('#version')))
    return lines.map((line) => line.split(' '))
  }
  const merges = tableIn((await readTable(path))['model'])?.['merges']
  if (!Array.isArray(merges)) throw corrupt(path, 'it has no merges')
  // Until 2024 a merge was one text with a blank in it.
  return merges.map((merge: unknown) => (Array.isArray(merge) ? merge.map(String) : String(merge).split(' ')))
}

/** A tokenizer.json may keep its marks apart from the vocabulary. */
function addedTokens(table: Table): [string, unknown][] {
  const added = table['added_tokens']
  if (!Array.isArray(added)) return []
  return added.flatMap((one: unknown) => {
    const token = tableIn(one)
    return typeof token?.['content'] === 'string' ? [[token['content'], token['id']]] : []
  })
}

type Table = Readonly<Record<string, unknown>>

const tableIn = (value: unknown): Table | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined

async function readTable(path: string): Promise<Table> {
  let parsed: unknown
  try {
    parsed = JSON.parse(await readText(path))
  } catch (cause) {
    throw cause instanceof PigmentError ? cause : corrupt(path, 'it is not JSON', cause)
  }
  const table = tableIn(parsed)
  if (!table) throw corrupt(path, 'it is not a table of token to id')
  return table
}

/** Its bytes as they are stored. Throws `tokenizer-missing` and `tokenizer-corrupt`. */
export async function readVocabularyFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegular(path, MAX_VOCABULARY_BYTES)
  } catch (cause) {
    if (cause instanceof PigmentError && cause.code === 'file-over-limit') throw corrupt(path, 'it is larger than any vocabulary')
    const sentence = `The tokenizer needs "${path}", which cannot be read. Restore the file, or choose a model folder that is complete.`
    throw systemLimit(cause, path) ?? new PigmentError('tokenizer-missing', sentence, { path }, cause)
  }
}

async function readText(path: string): Promise<string> {
  let bytes = await readVocabularyFile(path)
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await promisify(gunzip)(bytes, { maxOutputLength: MAX_VOCABULARY_BYTES })
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw corrupt(path, 'it is not UTF-8 text', cause)
  }
}

export function corrupt(path: string, reason: string, cause?: unknown): PigmentError {
  const sentence = `The tokenizer file "${path}" is damaged: ${reason}. Replace it with the files that the model was published with.`
  return new PigmentError('tokenizer-corrupt', sentence, { path, reason }, cause)
}
