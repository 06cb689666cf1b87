import { expect, test } from 'vitest'
import { emphasise } from './emphasis.ts'

const states = (weights: number[], context: number[], empty?: number[]) => ({
  context: Float32Array.from(context),
  weights: Float32Array.from(weights),
  positions: 2,
  width: 2,
  ...(empty ? { empty: Float32Array.from(empty) } : {}),
})

test('A1111: weighted states keep the mean of their row; a row without weights stays as it is', () => {
  const given = states([1, 2, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8])
  emphasise('a1111', given)
  // Times the weights 1 2 6 8, of mean 4.25; the mean was 2.5.
  const scale = 2.5 / 4.25
  expect([...given.context.slice(0, 4)].map((x, i) => x / ([1, 2, 6, 8][i] ?? 1))).toEqual(Array(4).fill(expect.closeTo(scale, 6)))
  expect([...given.context.slice(4)]).toEqual([5, 6, 7, 8])
})

test('A1111’s others: without the norm states are times weights, and weights that are ignored change nothing', () => {
  const [plain, ignored] = [states([1, 2], [1, 2, 3, 4]), states([1, 2], [1, 2, 3, 4])]
  emphasise('a1111-no-norm', plain)
  emphasise('a1111-ignore', ignored)
  expect([[...plain.context], [...ignored.context]]).toEqual([
    [1, 2, 6, 8],
    [1, 2, 3, 4],
  ])
})

test('ComfyUI: a weighted state moves along the line from that of the empty prompt', () => {
  const given = states([1, 1.5], [1, 2, 3, 4], [0, 0, 1, 2])
  emphasise('comfyui', given)
  expect([...given.context]).toEqual([1, 2, 4, 5])
})
