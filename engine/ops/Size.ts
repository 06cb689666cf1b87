import type { OpDefinition } from '../graph/op.ts'

export const Size: OpDefinition = {
  name: 'Size',
  inputs: ['data'],
  attributes: {},
  infer: () => [{ dtype: 'int64', shape: [] }],
  gradient: { none: 'A count of elements does not depend on their values.' },
}
