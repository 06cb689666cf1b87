// The measures of the embedded model, for anything that draws prompts: nothing here knows how the pictures came to be.
import { judgeStyle } from '../../main/operations/style-score.ts'
import { plainCaption } from '../pretrain/data/captions.ts'
import { seededRandom, shuffled } from '../pretrain/data/random.ts'
import { topOne } from './retrieval.ts'
import type { RealPicture } from './real-pictures.ts'

/** What to draw: a prompt, and the concept and style that it names. */
export interface Prompt {
  readonly text: string
  readonly concept: string
  readonly style: string
}

export interface Drawn extends Prompt {
  /** RGB, 64 × 64. */
  readonly rgb: Uint8Array
}

export interface Figures {
  /** Nearest real picture of the prompted style among the prompted concepts is the right concept. */
  readonly concept: number
  /** The classifier names the prompted style. */
  readonly style: number
}

/** `count` concepts, one a family, that all these pictures' styles have; by seed. */
export function chooseConcepts(pictures: readonly RealPicture[], styles: readonly string[], count: number, seed: number): string[] {
  const byConcept = Map.groupBy(
    pictures.filter(({ style }) => styles.includes(style)),
    ({ concept }) => concept,
  )
  const families = new Set<string>()
  return shuffled([...byConcept], seededRandom(seed))
    .filter(([, drawn]) => drawn.length === styles.length)
    .filter(([, drawn]) => !families.has(drawn[0]?.family ?? '') && families.add(drawn[0]?.family ?? ''))
    .slice(0, count)
    .map(([concept]) => concept)
}

/** The prompts of one style for some concepts. */
export function promptsFor(concepts: readonly string[], style: string): Prompt[] {
  return concepts.map((concept) => ({ text: plainCaption({ style, concept, keywords: [] }), concept, style }))
}

/** Measures pictures of one style against its real ones; the candidates are the real pictures of the drawn concepts. */
export function measureStyle(drawn: readonly Drawn[], real: readonly RealPicture[]): Figures {
  const style = drawn[0]?.style ?? ''
  const concepts = new Set(drawn.map(({ concept }) => concept))
  const candidates = real.filter((picture) => picture.style === style && concepts.has(picture.concept))
  return { concept: topOne(drawn, candidates), style: shareInStyle(drawn, style) }
}

/** The share of pictures judged to be in a style. */
export function shareInStyle(drawn: readonly { readonly rgb: Uint8Array }[], style: string): number {
  return drawn.filter(({ rgb }) => judgeStyle(rgb) === style).length / Math.max(1, drawn.length)
}
