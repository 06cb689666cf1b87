// What a picture is called: "{style phrase} emoji of {short name} on {colour}, {up to 3 keywords}", with parts left away now and then,
// so that prompts without a style, and adapters' plain captions, are familiar to the model.
import { shuffled, type Random } from './random.ts'
import { stylePhrase } from './styles.ts'

/** What a caption is made of. */
export interface Described {
  readonly style: string
  readonly concept: string
  readonly keywords: readonly string[]
}

export const captionDropout = { style: 0.15, keywords: 0.3, everything: 0.1 } as const
export const maxKeywords = 3

/** A short name as captions write it: lower-case, plain apostrophe, no punctuation inside. */
export function captionName(concept: string): string {
  return concept.toLowerCase().replaceAll('’', "'").replace(/[“”]/g, '').replace(/[:,]/g, '')
}

export interface Shown {
  readonly background?: string | undefined
  /** What was done to the drawing, such as `outlined`: always told, since nothing else tells it. */
  readonly manner?: string | undefined
}

/** A training caption; empty in a tenth of the cases, for classifier-free guidance. */
export function caption(picture: Described, random: Random, { background, manner }: Shown = {}): string {
  // Every draw happens every time, so that one choice does not shift the next.
  const [style, keywords, everything] = [random(), random(), random()]
  const chosen = shuffled(picture.keywords, random).slice(0, Math.floor(random() * (maxKeywords + 1)))
  if (everything < captionDropout.everything && manner === undefined) return ''
  const own = style < captionDropout.style ? '' : stylePhrase(picture.style)
  const phrase = manner === undefined ? `${own} ` : `${manner} ${own || 'style'} `
  const behind = background === undefined ? '' : ` on ${background}`
  const words = keywords < captionDropout.keywords ? [] : chosen
  return [`${phrase}emoji of ${captionName(picture.concept)}${behind}`.trim(), ...words].join(', ')
}

/** The caption with nothing left to chance: for evaluation and sidecars. */
export function plainCaption(picture: Described, keywords = 0): string {
  const phrase = stylePhrase(picture.style)
  return [`${phrase} emoji of ${captionName(picture.concept)}`.trim(), ...picture.keywords.slice(0, keywords)].join(', ')
}
