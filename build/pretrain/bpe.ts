// A small byte-level BPE trainer in CLIP's format: byte characters, the same ending a word, merges, then the two special tokens.

export const startToken = '<|startoftext|>'
export const endToken = '<|endoftext|>'
const wordEnd = '</w>'
const pieces = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu

/** GPT-2's table: printable bytes stand for themselves, the other 68 become U+0100 and up; in the order of CLIP's vocabulary. */
function byteCharacters(): Map<number, string> {
  const printable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const others = bytes.filter((byte) => !printable(byte))
  const table = new Map(bytes.filter(printable).map((byte) => [byte, String.fromCodePoint(byte)]))
  for (const [i, byte] of others.entries()) table.set(byte, String.fromCodePoint(256 + i))
  return table
}

const characters = byteCharacters()

export type Merge = readonly [string, string]

/** The words of a text as CLIP's pre-tokeniser cuts them. */
export function words(text: string): string[] {
  return text.normalize('NFC').toLowerCase().match(pieces) ?? []
}

function symbols(word: string): string[] {
  const out = [...new TextEncoder().encode(word)].map((byte) => characters.get(byte) ?? '')
  out.push((out.pop() ?? '') + wordEnd)
  return out
}

function joinPair(parts: readonly string[], [left, right]: Merge): string[] {
  const out: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? ''
    if (part === left && parts[i + 1] === right) {
      out.push(left + right)
      i++
    } else out.push(part)
  }
  return out
}

/** A word's tokens under the merges, lowest rank first. */
export function encodeWord(word: string, ranks: ReadonlyMap<string, number>): string[] {
  let parts = symbols(word)
  for (;;) {
    let best: Merge | undefined
    let bestRank = Infinity
    for (let i = 0; i + 1 < parts.length; i++) {
      const pair = [parts[i] ?? '', parts[i + 1] ?? ''] as const
      const rank = ranks.get(pair.join(' ')) ?? Infinity
      if (rank < bestRank) [best, bestRank] = [pair, rank]
    }
    if (!best) return parts
    parts = joinPair(parts, best)
  }
}

/** Merges by falling frequency of adjacent symbols; equals by the text of the pair, so the result depends on nothing else. */
export function trainMerges(counts: ReadonlyMap<string, number>, count: number): Merge[] {
  let corpus = [...counts].map(([word, uses]) => ({ parts: symbols(word), uses }))
  const merges: Merge[] = []
  while (merges.length < count) {
    const pairs = new Map<string, number>()
    for (const { parts, uses } of corpus)
      for (let i = 0; i + 1 < parts.length; i++) {
        const pair = `${parts[i]} ${parts[i + 1]}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + uses)
      }
    const best = [...pairs].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]
    if (!best) break
    const [left = '', right = ''] = best[0].split(' ')
    merges.push([left, right])
    corpus = corpus.map(({ parts, uses }) => ({ parts: joinPair(parts, [left, right]), uses }))
  }
  return merges
}

/** More merges at the end, so that each of these words becomes one token; no other word changes its tokens but where it holds them. */
export function addWholeWords(merges: readonly Merge[], whole: readonly string[]): Merge[] {
  const out = [...merges]
  const ranks = new Map(out.map((pair, rank) => [pair.join(' '), rank]))
  for (const word of whole)
    for (let parts = encodeWord(word, ranks); parts.length > 1; parts = encodeWord(word, ranks)) {
      const pair: Merge = [parts[0] ?? '', parts[1] ?? '']
      ranks.set(pair.join(' '), out.length)
      out.push(pair)
    }
  return out
}

/** Token → id, in CLIP's order. */
export function vocabularyOf(merges: readonly Merge[]): Record<string, number> {
  const bytes = [...characters.values()]
  const tokens = [...bytes, ...bytes.map((character) => character + wordEnd), ...merges.map((pair) => pair.join('')), startToken, endToken]
  return Object.fromEntries(tokens.map((token, id) => [token, id]))
}
