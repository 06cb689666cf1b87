// CLIP's byte-pair tokenizer: SD1, SD2 and both encoders of SDXL share it. Ids equal transformers' CLIPTokenizer(Fast).
// Written here, not taken from @huggingface/tokenizers: that one lower-cases whole strings, so a capital sigma that ends a
// word becomes ς where the reference has σ, and it takes <|STARTOFTEXT|> in a caption for the mark itself.
import { fileURLToPath } from 'node:url'
import { PigmentError } from '../requests/error.ts'
import type { ClipVocabularyFiles } from '../checkpoint/config.ts'
import { corrupt, END_OF_TEXT as EOS, readMerges, readVocabulary, type Merge } from './vocabulary-files.ts'

const BOS = '<|startoftext|>'
const END_OF_WORD = '</w>'
const openAiMerges = new URL('../../assets/tokenizer/clip/merges.txt.gz', import.meta.url)
const MAX_CACHED_WORDS = 10_000

export interface ClipTokenizer {
  readonly bosId: number
  readonly eosId: number
  readonly vocabSize: number
  /** The comma that ends a word, where the vocabulary has one. */
  readonly commaId?: number
  /** Token ids of a text, without the marks of begin and end, however many there are. */
  encode(text: string): number[]
  /** Where in the text the word of each of these begins. */
  starts(text: string): number[]
  /** `positions` ids: begin, at most `positions − 2` tokens, end, padding. Truncation keeps the end mark last. */
  frame(text: string, positions: number, padId: number): Int32Array
}

/** Loads the tokenizer of a model folder, or OpenAI's own (for single-file checkpoints, which carry none). */
export async function loadClipTokenizer(files?: ClipVocabularyFiles): Promise<ClipTokenizer> {
  const mergesPath = files?.merges ?? fileURLToPath(openAiMerges)
  const merges = await readMerges(mergesPath)
  if (!files) return clipTokenizer(openAiVocabulary(merges), merges, mergesPath)
  return clipTokenizer(await readVocabulary(files.vocab), merges, files.vocab)
}

function clipTokenizer(vocab: ReadonlyMap<string, number>, merges: readonly Merge[], path: string): ClipTokenizer {
  const bosId = vocab.get(BOS)
  const eosId = vocab.get(EOS)
  if (bosId === undefined || eosId === undefined) throw corrupt(path, `it has no token ${bosId === undefined ? BOS : EOS}`)
  const ranks = new Map<string, number>()
  for (const [i, [left, right]] of merges.entries()) {
    if (!vocab.has(left + right)) throw corrupt(path, `merge ${i + 1} makes "${left}${right}", which the vocabulary lacks`)
    ranks.set(`${left} ${right}`, i)
  }
  let vocabSize = 0
  for (const id of vocab.values()) vocabSize = Math.max(vocabSize, id + 1)
  const cache = new Map<string, readonly number[]>()
  const wordIds = (word: string): readonly number[] => {
    const known = cache.get(word)
    if (known) return known
    // A vocabulary without all base tokens maps what it lacks to the end mark, as the reference does.
    const ids = mergeSymbols(baseSymbols(word), ranks).map((token) => vocab.get(token) ?? eosId)
    if (cache.size >= MAX_CACHED_WORDS) cache.clear()
    cache.set(word, ids)
    return ids
  }
  const encode = (text: string): number[] => {
    const ids: number[] = []
    for (const part of text.split(marks)) {
      if (part === BOS) ids.push(bosId)
      else if (part === EOS) ids.push(eosId)
      else for (const word of words(part)) for (const id of wordIds(word)) ids.push(id)
    }
    return ids
  }
  const starts = (text: string): number[] => {
    let from = 0
    return text.split(marks).flatMap((part) => {
      const here = from
      from += part.length
      if (part === BOS || part === EOS) return [here]
      return placedWords(part).flatMap(({ word, at }) => wordIds(word).map(() => here + at))
    })
  }
  const frame = (text: string, positions: number, padId: number): Int32Array => {
    if (!Number.isInteger(positions) || positions < 2)
      throw new PigmentError('tokenizer-positions', `A prompt needs at least 2 positions, got ${positions}.`, { positions })
    const ids = encode(text).slice(0, positions - 2)
    const out = new Int32Array(positions).fill(padId)
    out.set([bosId, ...ids, eosId])
    return out
  }
  const commaId = vocab.get(`,${END_OF_WORD}`)
  return { bosId, eosId, vocabSize, ...(commaId === undefined ? {} : { commaId }), encode, starts, frame }
}

const marks = /(<\|startoftext\|>|<\|endoftext\|>)/
const pieces = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu

/** The words byte-pair encoding sees. A mark that only lower-casing produced is ordinary text: "<|", letters, "|>". */
function words(text: string): string[] {
  // Code point by code point: whole-string lower-casing would look at neighbours (final sigma).
  const lower = Array.from(text.normalize('NFC'), (c) => c.toLowerCase()).join('')
  return (lower.match(pieces) ?? []).flatMap((piece) => (marks.test(piece) ? (piece.match(/\p{L}+|\P{L}+/gu) ?? []) : [piece]))
}

/** The same words with their places. Where composing letters moves them, those of a stretch without blanks stand where it begins. */
function placedWords(text: string): { readonly word: string; readonly at: number }[] {
  return Array.from(text.matchAll(/\P{White_Space}+/gu), ({ index, 0: run }) => {
    const composed = run.normalize('NFC')
    const places: number[] = []
    let [lower, from] = ['', 0]
    for (const letter of composed) {
      const small = letter.toLowerCase()
      for (let unit = 0; unit < small.length; unit++) places.push(composed === run ? from : 0)
      lower += small
      from += letter.length
    }
    return Array.from(lower.matchAll(pieces), ({ index: at, 0: piece }) => {
      const inner = marks.test(piece) ? [...piece.matchAll(/\p{L}+|\P{L}+/gu)] : [{ index: 0, 0: piece }]
      return inner.map((one) => ({ word: one[0], at: index + (places[at + one.index] ?? 0) }))
    }).flat()
  }).flat()
}

/** GPT-2's printable stand-in for each byte: printable Latin-1 is itself, the other 68 follow from U+0100. */
const printableBytes = Array.from({ length: 256 }, (_, b) => b).filter((b) => (b >= 33 && b <= 126) || (b >= 161 && b !== 173))
const otherBytes = Array.from({ length: 256 }, (_, b) => b).filter((b) => !printableBytes.includes(b))
const byteCharacters = new Map<number, string>([
  ...printableBytes.map((b) => [b, String.fromCharCode(b)] as const),
  ...otherBytes.map((b, i) => [b, String.fromCharCode(256 + i)] as const),
])

function baseSymbols(word: string): string[] {
  const symbols = Array.from(new TextEncoder().encode(word), (byte) => byteCharacters.get(byte) ?? '')
  const last = symbols.pop()
  return last === undefined ? [] : [...symbols, last + END_OF_WORD]
}

/** Merges the pair of lowest rank everywhere, left to right, until no pair has a rank. */
function mergeSymbols(symbols: string[], ranks: ReadonlyMap<string, number>): string[] {
  for (;;) {
    let best = Infinity
    for (let i = 0; i + 1 < symbols.length; i++) best = Math.min(best, ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity)
    if (best === Infinity) return symbols
    const merged: string[] = []
    for (let i = 0; i < symbols.length; i++) {
      const pair = i + 1 < symbols.length && ranks.get(`${symbols[i]} ${symbols[i + 1]}`) === best
      merged.push(pair ? `${symbols[i]}${symbols[++i]}` : (symbols[i] ?? ''))
    }
    symbols = merged
  }
}

/** OpenAI's order: byte characters, the same ending a word, one token per merge, the two marks. */
function openAiVocabulary(merges: readonly Merge[]): Map<string, number> {
  const characters = [...byteCharacters.values()]
  const tokens = [...characters, ...characters.map((c) => c + END_OF_WORD), ...merges.map(([a, b]) => a + b), BOS, EOS]
  return new Map(tokens.map((token, id) => [token, id]))
}
