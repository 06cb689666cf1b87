import type { AxisKind } from './axis.ts'

/** One adapter alone in place of the stack; of a folder in a terminal, as of a run's checkpoints, each. */
export const adapterAxis: AxisKind = {
  name: 'adapter',
  called: ['Adapter', 'LoRA'],
  read: (words, { world, refuse }) =>
    words.flatMap((word, place) => {
      const found = world.adapters(word)
      return found.length > 0 ? found : refuse(place, word, 'the name of an adapter that is here')
    }),
  steps: ({ values, weight = 1 }, world) =>
    values.map(String).map((adapter) => ({
      label: world.adapterTitle(adapter),
      change: (form) => ({ ...form, stack: [{ adapter, weight, enabled: true }] }),
    })),
}
