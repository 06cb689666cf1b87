import { PigmentError } from '../../../engine/requests/error.ts'
import { curveText, readCurve } from '../../../engine/requests/strength-course.ts'
import { inStack, type AxisKind } from './axis.ts'

/** The curve that the strength of an adapter of the stack goes by, or of each of them: `linear`, or points in quotes. */
export const strengthCurveAxis: AxisKind = {
  name: 'strengthCurve',
  called: ['Adapter curve', 'LoRA curve'],
  of: 'adapter',
  turn: 1,
  read: (words, { refuse }) =>
    words.map((word, place) => {
      try {
        readCurve(word)
        return word
      } catch (error) {
        if (!(error instanceof PigmentError)) throw error
        return refuse(place, word, `a curve. ${error.message}`)
      }
    }),
  steps: ({ values, adapter }, world) =>
    values.map(String).map((text) => ({
      label: `${adapter === undefined ? '' : `${world.adapterTitle(adapter)} · `}${text}`,
      change: (form) => inStack(form, adapter, () => ({ curve: curveText(readCurve(text)) })),
    })),
}
