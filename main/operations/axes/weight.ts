import { stackEntry } from '../../api/methods/generate.ts'
import { fieldValues, inStack, type AxisKind } from './axis.ts'

/** How strongly an adapter of the stack acts, or each of them. */
export const weightAxis: AxisKind = {
  name: 'weight',
  called: ['Adapter weight', 'LoRA weight'],
  of: 'adapter',
  turn: 1,
  read: (words, at) => fieldValues(stackEntry, 'weight', words, at),
  steps: ({ values, adapter }, world) =>
    values.map(Number).map((weight) => ({
      label: `${adapter === undefined ? 'Weight' : `${world.adapterTitle(adapter)} ·`} ${weight}`,
      change: (form) => inStack(form, adapter, () => ({ weight, enabled: true })),
    })),
}
