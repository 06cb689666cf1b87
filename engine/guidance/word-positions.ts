// Where words stand among the tokens of a prompt.
import type { ClipTokenizer } from '../text/clip-tokenizer.ts'

/** Words that say nothing of what is seen, and signs (FreeFuse leaves them out). */
const idle = new Set(
  'a an the and or but nor so yet of in on at to for with by from as into through during before after above below between under over it its this that these those their his her my your our is are was were be been being has have had having which who whom whose where when while'.split(
    ' ',
  ),
)
const says = (word: string): boolean => !idle.has(word.toLowerCase()) && /[\p{L}\p{N}]/u.test(word)

/** The places of all phrases that are there whole, without words that say nothing unless there are no others. */
export function wordPositions({ encode }: Pick<ClipTokenizer, 'encode'>, ids: readonly number[], phrases: readonly string[]): number[] {
  const found = new Set<number>()
  for (const phrase of phrases) {
    const tokens = encode(phrase)
    if (tokens.length === 0) continue
    // Tokens never go across words, so that they can be counted word by word.
    const speaking = (phrase.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]+/gu) ?? []).flatMap((word) => encode(word).map(() => says(word)))
    const counted = speaking.length === tokens.length && speaking.some(Boolean) ? speaking : tokens.map(() => true)
    for (let at = 0; at + tokens.length <= ids.length; at++)
      if (tokens.every((token, i) => ids[at + i] === token)) tokens.forEach((_, i) => counted[i] && found.add(at + i))
  }
  return [...found].toSorted((a, b) => a - b)
}
