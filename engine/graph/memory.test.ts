import { expect, test } from 'vitest'
import '../ops/index.ts'
import { Graph } from './graph.ts'
import { add, exp, matMul, mul, reshape, transpose } from './math.ts'
import { graphMemory } from './memory.ts'
import { sizeOfDim } from './size-of-dim.ts'

const sizes = { N: 3, H: 9 }

test.each([
  ['N', 3],
  [7, 7],
  ['2*H*N', 54],
  ['(H+N+-2)', 10],
  ['⌊(H-1)/2⌋+1', 5],
  ['14*((⌊(⌊(H-1)/2⌋+1-1)/2⌋+1))*N', 126],
  ['H*N/27', 1],
  ['Slice.0', undefined],
  ['M', undefined],
])('the dimension %s is %s', (dim, size) => expect(sizeOfDim(dim, sizes)).toBe(size))

test('values are held from where they are made to their last reader, whatever shapes they are read in', () => {
  const graph = new Graph('chain')
  const x = graph.input('x', 'float32', ['N', 10])
  const kept = exp(x) // 120 B, read at the end
  const seen = reshape(exp(kept), [-1]) // the same 120 B under another shape
  graph.output('y', mul(reshape(exp(seen), [-1, 10]), kept))
  // kept, the second exp and the third at once; y is the caller's.
  expect(graphMemory(graph, sizes).values).toBe(3 * 120)
})

test('a weight that is read as it is and transposed lies there twice; of those made of each other only what is read counts', () => {
  const graph = new Graph('weights')
  const x = graph.input('x', 'float32', ['N', 4])
  const w = graph.constant('float32', [4, 4], new Float32Array(16))
  graph.output('y', matMul(matMul(x, w), transpose(transpose(w, [1, 0]), [0, 1])))
  expect(graphMemory(graph, sizes).constants).toBe(2 * 64)
})

test('the peak is where most is held, not the sum', () => {
  const graph = new Graph('long')
  let x = graph.input('x', 'float32', ['N', 10])
  for (let i = 0; i < 20; i++) x = add(exp(x), 1)
  graph.output('y', x)
  expect(graphMemory(graph, sizes).values).toBe(2 * 120)
})
