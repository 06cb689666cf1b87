// The `parameters` text that AUTOMATIC1111's web UI writes into pictures, and that every gallery reads.
import type { PngText } from './formats/png-text.ts'

export interface Infotext {
  readonly prompt: string
  readonly negativePrompt: string
  /** In the order of the line, e.g. Steps, Sampler, CFG scale, Seed, Size, Model hash, Model, Lora hashes, Version. */
  readonly settings: ReadonlyMap<string, string>
}

const NEGATIVE = 'Negative prompt:'
/** `key: value,` with a value in quotes or up to the comma. The bound keeps a hostile line from being scanned again and again. */
const PAIR = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]{1,80}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/gu
const MAX_LINE = 100_000
const MIN_PAIRS = 3

/** The text: prompt, negative prompt when there is one, one line of settings. Settings that are undefined are left out. */
export function buildInfotext(
  prompt: string,
  negativePrompt: string,
  settings: Iterable<readonly [string, string | number | undefined]>,
): string {
  const pairs: string[] = []
  for (const [key, value] of settings) if (value !== undefined) pairs.push(key === String(value) ? key : `${key}: ${quote(String(value))}`)
  return [prompt, ...(negativePrompt ? [`${NEGATIVE} ${negativePrompt}`] : []), pairs.join(', ')].join('\n')
}

/** A text with further settings behind its own; where it has none it is left as it is. */
export function withSettings(infotext: string, more: Iterable<readonly [string, string]>): string {
  const { settings } = parseInfotext(infotext)
  const added = Array.from(more, ([key, value]) => `${key}: ${quote(value)}`).join(', ')
  return settings.size > 0 && added !== '' ? `${infotext}, ${added}` : infotext
}

/** The text chunk A1111, Forge and the galleries look for. */
export function parametersChunk(infotext: string): PngText {
  return { keyword: 'parameters', text: infotext }
}

/** Reads such a text back. A last line with fewer than three settings belongs to the prompt. */
export function parseInfotext(text: string): Infotext {
  const lines = text.replaceAll('\r\n', '\n').trim().split('\n')
  const last = lines.at(-1) ?? ''
  let settings = last.length > MAX_LINE ? new Map<string, string>() : parsePairs(last)
  if (settings.size < MIN_PAIRS) settings = new Map()
  else lines.pop()
  const negativeAt = lines.findIndex((line) => line.startsWith(NEGATIVE))
  const prompt = negativeAt < 0 ? lines : lines.slice(0, negativeAt)
  const negative = negativeAt < 0 ? '' : lines.slice(negativeAt).join('\n').slice(NEGATIVE.length)
  return { prompt: prompt.join('\n').trim(), negativePrompt: negative.trim(), settings }
}

function parsePairs(line: string): Map<string, string> {
  return new Map(Array.from(line.matchAll(PAIR), ([, key = '', value = '']) => [key, unquote(value.trim())]))
}

function quote(value: string): string {
  return /[,:\n]/.test(value) ? JSON.stringify(value) : value
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}
