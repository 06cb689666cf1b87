import { stackEntry } from '../../api/methods/generate.ts'
import { fieldValues, inStack, type AxisKind } from './axis.ts'

/** After how many steps, or which share of them, an adapter of the stack begins to act, or each of them. */
export const strengthStartAxis: AxisKind = {
  name: 'strengthStart',
  called: ['Adapter start', 'LoRA start'],
  of: 'adapter',
  turn: 1,
  read: (words, at) => fieldValues(stackEntry, 'start', words, at),
  steps: ({ values, adapter }, world) =>
    values.map(Number).map((start) => ({
      label: `${adapter === undefined ? '' : `${world.adapterTitle(adapter)} · `}start ${start}`,
      change: (form) => inStack(form, adapter, () => ({ start })),
    })),
}
