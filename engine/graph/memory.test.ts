import { expect, test } from 'vitest'
import '../ops/index.ts'
import { Graph } from './graph.ts'
import { lateZero } from './late-zero.ts'
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
  // kept, and the second exp that the third is written over; y is the caller's.
  expect(graphMemory(graph, sizes).values).toBe(2 * 120)
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
  // Each is written over the one before.
  expect(graphMemory(graph, sizes).values).toBe(120)
})

test('memory of a shape is kept for the next value of that shape, however much later that is', () => {
  const graph = new Graph('kept')
  const x = graph.input('x', 'float32', ['N', 10])
  const w = graph.input('w', 'float32', [10, 10])
  const across = graph.input('across', 'float32', [10, 40])
  const back = graph.input('back', 'float32', [40, 10])
  const wide = matMul(matMul(x, across), back) // 480 B in between
  const long = matMul(matMul(matMul(wide, w), w), w)
  graph.output('y', matMul(matMul(long, across), back))
  // The wide one lies there throughout, beside two of 120 B.
  expect(graphMemory(graph, sizes).values).toBe(480 + 2 * 120)
})

test('what nobody waits for is made last, and what it is made of lies there until then', () => {
  const of = (waited: boolean): number => {
    const graph = new Graph('leaves')
    const x = graph.input('x', 'float32', ['N', 10])
    const w = graph.input('w', 'float32', [10, 10])
    const first = matMul(x, w)
    const leaf = matMul(first, w)
    graph.output('leaf', leaf)
    let y = matMul(first, w)
    if (waited) y = add(y, lateZero(leaf))
    for (let i = 0; i < 4; i++) y = matMul(y, w)
    graph.output('y', y)
    return graphMemory(graph, sizes).values
  }
  expect(of(false)).toBe(3 * 120)
  expect(of(true)).toBeLessThan(3 * 120)
})
