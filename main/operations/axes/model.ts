import type { AxisKind } from './axis.ts'

/** Checkpoints. */
export const modelAxis: AxisKind = {
  name: 'model',
  called: ['Model', 'Checkpoint name', 'Checkpoint'],
  read: (words, { world, refuse }) =>
    words.map((word, place) => world.model(word) ?? refuse(place, word, 'the name of a model that is here')),
  steps: ({ values }, world) =>
    values.map(String).map((model) => ({ label: world.modelTitle(model), change: (form) => ({ ...form, model }) })),
}
