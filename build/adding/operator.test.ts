// An operator is one file, spelled as ONNX spells it: put into its folder, a graph may hold it, runs with it and is differentiated through it.
import { afterAll, expect, test } from 'vitest'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/ops/Softplus.ts': `import { mul, sigmoid } from '../graph/math.ts'
import { unaryOp } from './shared/elementwise.ts'
export const Softplus = unaryOp('Softplus', ({ grad, input }) => mul(grad(), sigmoid(input(0))))
`,
})
afterAll(() => program[Symbol.dispose]())

test('it has a shape, a value and a gradient', async () => {
  const { gradientError } = await program.load<typeof import('../../engine/ops/testing-gradient.ts')>('engine/ops/testing-gradient.ts')
  expect(await gradientError({ inputs: { x: ['N', 3] }, build: ({ x }) => x!.graph.op('Softplus', [x!])[0]! })).toBeLessThan(1e-3)
})
