import type { OpDefinition } from '../graph/op.ts'
import { inferReduction, spread } from './shared/reduce.ts'

export const ReduceSum: OpDefinition = {
  name: 'ReduceSum',
  inputs: ['data', 'axes'],
  attributes: { keepdims: 'int' },
  precision: 'inside',
  infer: inferReduction,
  gradient: (context) => ({ data: () => spread(context) }),
}
