import { stackEntry } from '../../api/methods/generate.ts'
import { fieldValues, inStack, type AxisKind } from './axis.ts'

/** After how many steps, or which share of them, an adapter of the stack acts no longer, or each of them. Among shares 1 is all of them. */
export const strengthStopAxis: AxisKind = {
  name: 'strengthStop',
  called: ['Adapter stop', 'LoRA stop'],
  of: 'adapter',
  turn: 1,
  read: (words, at) => fieldValues(stackEntry, 'stop', words, at),
  steps({ values, adapter }, world) {
    const shares = values.some((value) => !Number.isInteger(value))
    return values.map(Number).map((stop) => ({
      label: `${adapter === undefined ? '' : `${world.adapterTitle(adapter)} · `}stop ${stop}`,
      change: (form) => inStack(form, adapter, () => ({ stop: shares && stop === 1 ? undefined : stop })),
    }))
  },
}
