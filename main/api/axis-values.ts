// The values of a grid's axis as they are written: A1111's list with commas and quotes, and its ranges `1-10`, `1-10(+2)` and `1-10[5]`
// (scripts/xyz_grid.py).
import { PigmentError } from '../../engine/requests/error.ts'

/** As many as a range may stand for. */
const longest = 1000

/** The words of a list: commas and line ends part them, those in quotes may hold both; a quote within quotes is doubled. */
export function axisWords(text: string): string[] {
  const words: string[] = []
  const word = /\s*(?:"((?:[^"]|"")*)"\s*|([^"\s,][^,\n]*)?)(?:,|\n|$)/gy
  while (word.lastIndex < text.length) {
    const found = word.exec(text)
    if (!found) throw new PigmentError('grid-quote', `A quotation mark of "${text.slice(0, 80)}" has no end, or something stands behind it. Write "one, two" for a value with a comma, and "" for a quotation mark in it.`, { text: text.slice(0, 80) }) // prettier-ignore
    const [, quoted, plain = ''] = found
    const said = quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"')
    if (said !== '') words.push(said)
  }
  return words
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)`
const range = new RegExp(String.raw`^(${number})\s*-\s*(${number})(?:\s*\(\s*([+-]\s*(?:\d+\.?\d*|\.\d+))\s*\)|\s*\[\s*(\d+)\s*\])?$`)
const single = new RegExp(`^${number}(?:e[+-]?\\d+)?$`, 'i')

/**
 * The numbers that a word stands for: its own, or those of a range, ends included; `whole`: of a field of whole numbers. Undefined where it is neither.
 * Throws `grid-range` where a range has no end, or never comes to it.
 */
export function numbersOf(word: string, whole: boolean): number[] | undefined {
  if (single.test(word)) return [Number(word)]
  const found = range.exec(word)
  if (!found) {
    if (new RegExp(`^${number}\\s*-\\s*([([].*)?$`).test(word)) throw bad(word, 'it has no end')
    return undefined
  }
  const [, first = '', last = '', by, count] = found
  const [from, to] = [Number(first), Number(last)]
  if (count !== undefined) return evenly(from, to, Number(count), whole, word)
  const step = by === undefined ? 1 : Number(by.replace(/\s/g, ''))
  if (step === 0 || (to - from) * step < 0) throw bad(word, `steps of ${step} never come from ${from} to ${to}`)
  // A whole number of steps that rounding makes a hair too few is one more.
  const steps = Math.floor((to - from) / step + 1e-9)
  if (steps >= longest) throw bad(word, `it stands for more than ${longest} values`)
  return Array.from({ length: steps + 1 }, (_, i) => rounded(from + i * step))
}

function evenly(from: number, to: number, count: number, whole: boolean, word: string): number[] {
  if (count === 0) throw bad(word, 'it stands for no value')
  if (count > longest) throw bad(word, `it stands for more than ${longest} values`)
  const at = (i: number): number => (count === 1 ? from : from + (i * (to - from)) / (count - 1))
  return Array.from({ length: count }, (_, i) => (whole ? Math.trunc(rounded(at(i))) : rounded(at(i))))
}

/** 0.1 + 0.2 is written 0.3. */
const rounded = (value: number): number => Number(value.toFixed(9))

const bad = (word: string, why: string): PigmentError =>
  new PigmentError('grid-range', `The range "${word}" is none: ${why}. Write 1-10, 1-10(+2) for steps of 2, or 1-10[5] for five values.`, {
    range: word,
    why,
  })
