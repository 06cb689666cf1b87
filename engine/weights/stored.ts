import type { WeightCodec } from './codec.ts'

export const stored: WeightCodec = {
  name: 'stored',
  // No packing: as the file has them.
}
