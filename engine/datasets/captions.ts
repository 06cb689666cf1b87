// What becomes of a caption before it is encoded, in the order of kohya's sd-scripts.
import type { RandomStream } from '../tensor/philox.ts'

export interface CaptionOptions {
  readonly prefix?: string
  readonly suffix?: string
  readonly shuffle?: boolean
  /** Tags at the start that keep their place. */
  readonly keepTokens?: number
  /** A mark, e.g. `|||`: what stands before it keeps its place, and so does what stands after a second one. */
  readonly keepTokensSeparator?: string
  /** Probability of leaving out each tag that may move. */
  readonly tagDropout?: number
  readonly separator?: string
  /** Stands for the separator inside a tag, so that some tags stay together. */
  readonly secondarySeparator?: string
}

/** The caption to train on. `random` is asked for the same draws each time; `dropped` captions are empty. */
export function processCaption(caption: string, options: CaptionOptions, random: RandomStream, dropped = false): string {
  if (dropped) return ''
  const { separator = ',', secondarySeparator, shuffle = false, tagDropout = 0 } = options
  let text = [options.prefix, caption, options.suffix].filter((part) => part).join(' ')
  if (shuffle || tagDropout > 0) {
    const { head, tags, tail } = splitTags(text, options, separator)
    const shuffled = shuffle ? Array.from(random.permutation(tags.length), (i) => tags[i] ?? '') : tags
    const chances = random.uniform(tags.length)
    const kept = shuffled.filter((_, i) => (chances[i] ?? 0) >= tagDropout)
    text = [...head, ...kept, ...tail].join(`${separator} `)
  } else if (options.keepTokensSeparator) text = text.replaceAll(options.keepTokensSeparator, '')
  return secondarySeparator ? text.replaceAll(secondarySeparator, separator) : text
}

function splitTags(text: string, { keepTokens = 0, keepTokensSeparator }: CaptionOptions, separator: string) {
  const split = (part: string): string[] =>
    part
      .split(separator)
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
  if (keepTokensSeparator && text.includes(keepTokensSeparator)) {
    const [head = '', middle = '', ...tail] = text.split(keepTokensSeparator)
    return { head: split(head), tags: split(middle), tail: split(tail.join('')) }
  }
  const tags = split(text)
  return { head: tags.slice(0, keepTokens), tags: tags.slice(keepTokens), tail: [] }
}
