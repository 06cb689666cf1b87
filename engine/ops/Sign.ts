import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'

export const Sign: OpDefinition = {
  name: 'Sign',
  inputs: ['X'],
  attributes: {},
  infer: same,
  gradient: { none: 'A step function: its derivative is zero wherever it exists.' },
}
