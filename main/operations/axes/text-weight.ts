import { stackEntry } from '../../api/methods/generate.ts'
import { fieldValues, inStack, type AxisKind } from './axis.ts'

/** How strongly an adapter of the stack acts in the text encoders, or each of them. */
export const textWeightAxis: AxisKind = {
  name: 'textWeight',
  called: ['Text encoder weight', 'TE weight'],
  of: 'adapter',
  turn: 1,
  read: (words, at) => fieldValues(stackEntry, 'textWeight', words, at),
  steps: ({ values, adapter }, world) =>
    values.map(Number).map((textWeight) => ({
      label: `${adapter === undefined ? '' : `${world.adapterTitle(adapter)} · `}TE ${textWeight}`,
      change: (form) => inStack(form, adapter, () => ({ textWeight })),
    })),
}
