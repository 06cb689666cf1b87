import { PigmentError } from '../../../engine/requests/error.ts'
import type { AxisKind, GridForm } from './axis.ts'

/** A1111's prompt S/R: the first value is looked for in both prompts, and is replaced by each of them in turn. */
export const searchAxis: AxisKind = {
  name: 'search',
  called: ['Prompt S/R'],
  turn: 2,
  joins: true,
  read: (words) => words,
  steps({ values }) {
    const [first = '', ...others] = values.map(String)
    return [first, ...others].map((word) => ({ label: word, change: (form) => replaced(form, first, word) }))
  },
}

function replaced(form: GridForm, from: string, to: string): GridForm {
  if (!form.prompt.includes(from) && !form.negative.includes(from))
    throw new PigmentError('grid-search', `Neither prompt holds "${from}", the first value of the axis, which the others stand in for. Write it into the prompt, or begin with a word that is there.`, { word: from }) // prettier-ignore
  return { ...form, prompt: form.prompt.replaceAll(from, () => to), negative: form.negative.replaceAll(from, () => to) }
}
