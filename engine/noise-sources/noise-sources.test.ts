// Against numbers of torch, A1111 and torchsde, recorded by build/reference/noise.py.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { relativeL2 } from '../tensor/tensor.ts'
import { brownianPath } from './brownian-path.ts'
import { noiseSources } from './index.ts'
import { seedSequence } from './seed-sequence.ts'
import { torchCpu } from './torch-cpu.ts'
import { torchCuda } from './torch-cuda.ts'
import { slerp } from './variation.ts'

interface Draws {
  readonly seed: number
  readonly draws: readonly (readonly number[])[]
}
interface Fixture {
  readonly counts: readonly number[]
  readonly cpu: readonly Draws[]
  readonly cuda: readonly Draws[]
  readonly sequence: readonly { seed: number; place: readonly number[]; words: readonly number[] }[]
  readonly slerp: { shape: readonly number[]; seeds: readonly [number, number]; strength: number; values: readonly number[] }
  readonly path: {
    readonly low: number
    readonly high: number
    readonly queries: readonly (readonly [number, number])[]
    readonly paths: readonly { seed: number; noise: readonly (readonly number[])[] }[]
  }
}
const fixture = JSON.parse(readFileSync(new URL('./fixtures/noise.json', import.meta.url), 'utf8')) as Fixture
const near = (ours: Float32Array, theirs: readonly number[]): void => {
  expect(ours).toHaveLength(theirs.length)
  expect(relativeL2(ours, Float32Array.from(theirs))).toBeLessThan(1e-6)
}

test.each(fixture.cpu)('torch on the CPU, draw for draw: seed $seed', ({ seed, draws }) => {
  const next = torchCpu(seed)
  draws.forEach((draw, i) => near(next(fixture.counts[i] ?? 0), draw))
})

test.each(fixture.cuda)('torch on a card, draw for draw, as A1111 computes it: seed $seed', ({ seed, draws }) => {
  const next = torchCuda(seed)
  for (const draw of draws) near(next(draw.length), draw)
})

test('A1111’s own example of it', () => {
  near(torchCuda(0)(12), [
    ...[-0.92466259, -0.42534415, -2.6438457, 0.14518388, -0.12086647, -0.57972564],
    ...[-0.62285122, -0.32838709, -1.07454231, -0.36314407, -1.67105067, 2.26550497],
  ])
})

test.each(fixture.sequence)('NumPy’s seeds of a place, bit for bit: $seed $place', ({ seed, place, words }) => {
  expect([...seedSequence(seed, place, 24, 4)]).toEqual(words)
})

test('a variation is A1111’s slerp', () => {
  const { shape, seeds, strength, values } = fixture.slerp
  const [low, high] = seeds.map((seed) => torchCpu(seed)(values.length))
  near(slerp(strength, low ?? new Float32Array(), high ?? new Float32Array(), shape.slice(-2)), values)
})

test.each(fixture.path.paths)('a Brownian path is torchsde’s: seed $seed', ({ seed, noise }) => {
  const { queries, low, high } = fixture.path
  const count = noise[0]?.length ?? 0
  const open = () => brownianPath(seed, count, { low, high }, (leaf) => torchCpu(leaf)(count))
  const path = open()
  queries.forEach(([from, to], i) => near(path(from, to), noise[i] ?? []))
  // In another order it is the same path.
  const backwards = open()
  queries.toReversed().forEach(([from, to], i) => near(backwards(from, to), noise.at(-1 - i) ?? []))
})

test('every source draws by the seed alone, start, steps and paths apart; a delta moves the steps and not the start', () => {
  for (const { name, sentence, start, steps, ofPath } of noiseSources) {
    expect(sentence).not.toBe('')
    const [first, second] = [steps(7, 32, 0), steps(7, 32, 0)]
    const all = [start(7, 32), first(0), first(1), steps(7, 32, 31337)(0), ...(ofPath ? [ofPath(99, 32)] : [])]
    expect([name, all.map((values) => new Set(values).size)]).toEqual([name, all.map(() => 32)])
    expect(start(7, 32)).toEqual(all[0])
    expect([second(0), second(1)]).toEqual(all.slice(1, 3))
    expect(new Set(all.map((values) => values[0])).size).toBe(all.length)
  }
})
