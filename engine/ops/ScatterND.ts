import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'

export const ScatterND: OpDefinition = {
  name: 'ScatterND',
  inputs: ['data', 'indices', 'updates'],
  attributes: { reduction: 'string' },
  infer: same,
  gradient: { none: 'It appears only in gradients; second derivatives are not needed for training.' },
}
