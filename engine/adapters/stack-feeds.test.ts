import { expect, it } from 'vitest'
import { stackFeeds, type AdaptedModule } from './stack-feeds.ts'
import { inputNameA, inputNameB } from './stack-inputs.ts'
import type { Term } from './term.ts'

const module = (path: string, weight: number[]): AdaptedModule => ({ path, weight, gains: [] })
const tensor = (shape: number[], first: number) => ({
  shape,
  data: Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => first + i),
})
const pair = (rank: number, first: number): Term & { kind: 'low-rank' } => ({
  kind: 'low-rank',
  down: tensor([rank, 2], first),
  up: tensor([3, rank], first),
  alpha: rank,
})

it('scales B alone, so that a stack whose strengths are changed has its A from before', () => {
  const adapted = [module('a', [3, 2]), module('bare', [3, 2])]
  const [one, two] = [pair(1, 1), pair(2, 10)]
  const fed = (weights: number[]) => stackFeeds(new Map([['a', [one, two].map((term, i) => ({ term, weight: weights[i]! }))]]), adapted)
  const [before, after] = [fed([1, 1]), fed([2, -1])]

  expect([...before[inputNameA('a')]!.data]).toEqual([1, 2, 10, 11, 12, 13])
  expect([...before[inputNameB('a')]!.data]).toEqual([1, 10, 11, 2, 12, 13, 3, 14, 15])
  expect([...after[inputNameB('a')]!.data]).toEqual([2, -10, -11, 4, -12, -13, 6, -14, -15])
  expect(after[inputNameA('a')]!.data).toBe(before[inputNameA('a')]!.data)
  expect(before[inputNameB('bare')]).toEqual({ shape: [3, 0], data: new Float32Array() })
  // Another stack that begins with the same adapter has ranks of its own.
  const alone = stackFeeds(new Map([['a', [{ term: one, weight: 1 }]]]), adapted)
  expect([...alone[inputNameA('a')]!.data]).toEqual([1, 2])
  expect([...fed([1, 1])[inputNameA('a')]!.data]).toEqual([1, 2, 10, 11, 12, 13])
})

it('fills missing ranks with zeros', () => {
  const feeds = stackFeeds(new Map([['a', [{ term: pair(1, 1), weight: 1 }]]]), [module('a', [3, 2]), module('b', [3, 2])], 2)
  expect([...feeds[inputNameA('a')]!.data]).toEqual([1, 2, 0, 0])
  expect([...feeds[inputNameB('a')]!.data]).toEqual([1, 0, 2, 0, 3, 0])
  expect(feeds[inputNameB('b')]).toEqual({ shape: [3, 2], data: new Float32Array(6) })
})
