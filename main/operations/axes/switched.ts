import { stackEntry } from '../../api/methods/generate.ts'
import { fieldValues, inStack, type AxisKind } from './axis.ts'

/** With an adapter of the stack and without it, or with all of them and without. */
export const switchedAxis: AxisKind = {
  name: 'switched',
  called: ['Adapter on', 'LoRA on'],
  of: 'adapter',
  turn: 1,
  read: (words, at) => fieldValues(stackEntry, 'enabled', words, at),
  steps: ({ values, adapter }, world) =>
    values.map((value) => ({
      label: `${adapter === undefined ? 'Adapters' : world.adapterTitle(adapter)} ${value === true ? 'on' : 'off'}`,
      change: (form) => inStack(form, adapter, () => ({ enabled: value === true })),
    })),
}
