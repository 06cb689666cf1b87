// What a field takes, in its own words: “Rank: 1 to 1024”.
import type { Bounds, Misfit } from '../../engine/requests/bounds.ts'
import { exact, t, wordsFor } from './words.svelte.ts'

/** “1 to 1024”; with `value`, what that one lacks. */
export function rangeWords({ kind, min, max, above, below, choices }: Bounds, value?: unknown): string {
  if (kind === 'choice') return t('range.choice', { choices: (choices ?? []).map((one) => choiceName('', one)).join(', ') })
  if (kind === 'text') return max === undefined || value === '' ? t('range.needed') : t('range.letters', { max })
  if (kind === 'list') return t('range.entries', { n: max ?? 0 })
  const [least, most] = [min === undefined ? '' : exact(min), max === undefined ? '' : exact(max)]
  const range =
    least && most
      ? t(below ? 'range.below' : above ? 'range.above-to' : 'range.between', { min: least, max: most })
      : least
        ? t(above ? 'range.above' : 'range.at-least', { min: least })
        : most
          ? t('range.at-most', { max: most })
          : ''
  if (kind === 'integer' && typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value))
    return range ? t('range.whole-of', { range }) : t('range.whole')
  return range || t(kind === 'integer' ? 'range.whole' : 'range.number')
}

/** What a field offers, as its form has it: words of its own, or those that any field has for it. */
export const choiceName = (field: string, choice: string, title = choice): string =>
  wordsFor(`choice.${field}.${choice}`, wordsFor(`choice.${choice}`, title))

/** The name of a field as its form has it. */
export const fieldName = (key: string): string =>
  wordsFor(`field.${key}`, wordsFor(`generate.${key}`, key.replace(/([A-Z])/g, ' $1').toLowerCase()))

/** Of an input that the host refused: the last name of a path is the field's. */
export const misfitWords = ({ field, bounds }: Misfit): string =>
  t('field.takes', { field: fieldName(field.split('.').findLast((part) => !/^\d+$/.test(part)) ?? field), range: rangeWords(bounds) })
