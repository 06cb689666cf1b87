// What becomes of a caption before it is encoded, in the order of kohya's sd-scripts (`process_caption`).
import { fillTrigger } from '../adapters/triggers.ts'
import type { RandomStream } from '../tensor/philox.ts'

/** By the names that a request has for them; `engine/requests/picture-fields.ts` says what each does. */
export interface CaptionOptions {
  readonly captionPrefix?: string | undefined
  readonly captionSuffix?: string | undefined
  readonly shuffleCaption?: boolean | undefined
  readonly keepTokens?: number | undefined
  readonly keepTokensSeparator?: string | undefined
  readonly captionTagDropout?: number | undefined
  readonly captionSeparator?: string | undefined
  readonly secondarySeparator?: string | undefined
  readonly tokenWarmupMin?: number | undefined
  readonly tokenWarmupSteps?: number | undefined
  /** Takes the place of [trigger] in prefix and suffix. */
  readonly trigger?: string | undefined
}

/** Whether a caption may be another one each time that it is shown. */
export const captionVaries = ({ shuffleCaption, captionTagDropout = 0, tokenWarmupSteps = 0 }: CaptionOptions): boolean =>
  shuffleCaption === true || captionTagDropout > 0 || tokenWarmupSteps > 0

/** With all of its tags, in their order. */
export function plainCaption(caption: string, options: CaptionOptions): string {
  const text = surrounded(caption, options)
  const { keepTokensSeparator: mark, captionSeparator: separator = ',' } = options
  if (!mark || !text.includes(mark)) return joinedTags(text, options)
  const { head, tags, tail } = splitTags(text, options, separator)
  return joinedTags([...head, ...tags, ...tail].join(`${separator} `), options)
}

/** As it is shown at a step, counted from 0. `random` is asked for the same draws each time. */
export function shownCaption(caption: string, options: CaptionOptions, random: RandomStream, step: number): string {
  if (!captionVaries(options)) return plainCaption(caption, options)
  const { captionSeparator: separator = ',', shuffleCaption, captionTagDropout = 0 } = options
  const { head, tags, tail } = splitTags(surrounded(caption, options), options, separator)
  const come = tags.slice(0, tagsAt(step, tags.length, options))
  const shuffled = shuffleCaption ? Array.from(random.permutation(come.length), (i) => come[i] ?? '') : come
  const chances = random.uniform(come.length)
  const kept = shuffled.filter((_, i) => (chances[i] ?? 0) >= captionTagDropout)
  return joinedTags([...head, ...kept, ...tail].join(`${separator} `), options)
}

/** How many of the tags that may move are there at a step. */
function tagsAt(step: number, count: number, { tokenWarmupMin: min = 1, tokenWarmupSteps: steps = 0 }: CaptionOptions): number {
  return step < steps ? Math.min(count, Math.floor(step * ((count - min) / steps)) + min) : count
}

function surrounded(caption: string, { captionPrefix, captionSuffix, trigger = '' }: CaptionOptions): string {
  return [fillTrigger(captionPrefix ?? '', trigger), caption, fillTrigger(captionSuffix ?? '', trigger)].filter((part) => part).join(' ')
}

const joinedTags = (text: string, { secondarySeparator, captionSeparator = ',' }: CaptionOptions): string =>
  secondarySeparator ? text.replaceAll(secondarySeparator, captionSeparator) : text

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
