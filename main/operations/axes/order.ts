import { PigmentError } from '../../../engine/requests/error.ts'
import type { AxisKind } from './axis.ts'

/** Six words stand in 720 orders. */
const most = 5

/** A1111's prompt order: words of the prompt in every order, each at the place of another. */
export const orderAxis: AxisKind = {
  name: 'order',
  called: ['Prompt order'],
  turn: 2,
  joins: true,
  read: (words) => words,
  steps({ values }) {
    const words = values.map(String)
    if (words.length > most)
      throw new PigmentError('grid-order', `${words.length} words stand in more than 120 orders. Give at most ${most}.`, { words: words.length, most }) // prettier-ignore
    return permutations(words).map((order) => ({
      label: order.join(', '),
      change: (form) => ({ ...form, prompt: inOrder(form.prompt, words, order) }),
    }))
  },
}

/** In the order of A1111 (itertools.permutations). */
function permutations(words: readonly string[]): readonly (readonly string[])[] {
  if (words.length <= 1) return [words]
  return words.flatMap((word, i) => permutations(words.toSpliced(i, 1)).map((rest) => [word, ...rest]))
}

function inOrder(prompt: string, words: readonly string[], order: readonly string[]): string {
  const places = words.map((word) => ({ word, at: prompt.indexOf(word) })).sort((a, b) => a.at - b.at)
  let [text, from] = ['', 0]
  for (const [i, { word, at }] of places.entries()) {
    if (at < 0) throw new PigmentError('grid-search', `The prompt does not hold "${word}", a value of the axis of orders. Write it into the prompt.`, { word }) // prettier-ignore
    text += prompt.slice(from, Math.max(from, at)) + (order[i] ?? '')
    from = at + word.length
  }
  return text + prompt.slice(from)
}
