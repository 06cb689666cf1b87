import type { WeightCodec } from './codec.ts'

export const stored: WeightCodec = {
  name: 'stored',
  sentence: 'Keeps the weights of the model as their file has them: exact, and the quickest where memory is enough.',
  // No packing: as the file has them.
}
