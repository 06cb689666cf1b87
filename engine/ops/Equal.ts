import type { OpDefinition } from '../graph/op.ts'
import { broadcasting } from './shared/elementwise.ts'

export const Equal: OpDefinition = {
  name: 'Equal',
  inputs: ['A', 'B'],
  attributes: {},
  infer: (context) => broadcasting(context).map((result) => ({ ...result, dtype: 'bool' as const })),
  gradient: { none: 'A truth value has no derivative.' },
}
