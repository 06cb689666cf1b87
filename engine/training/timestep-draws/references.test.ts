// How often each twentieth of the noise levels is drawn, against OneTrainer's own function (build/reference/timestep_draws.py), and the range.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { NoiseProcess } from '../../processes/process.ts'
import { trainRequest } from '../../requests/train.ts'
import { randomStream, type RandomStream } from '../../tensor/philox.ts'
import { trainingRules } from '../../training-rules.ts'
import { betaQuantile } from './beta.ts'
import { timestepDrawOf } from './timestep-draw.ts'

interface Recorded {
  readonly draw: string
  readonly options: Readonly<Record<string, number>>
  readonly from: number
  readonly to: number
  readonly shares: readonly number[]
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/onetrainer.json', import.meta.url), 'utf8')) as readonly Recorded[]
const process = { asked: { trainSteps: 1000 } } as NoiseProcess
const stream = randomStream(3, 'timestep', 5)
const drawn = (timestepDraw: string, timestepDrawOptions: object, count: number, range: object = {}, random = stream): Float32Array =>
  timestepDrawOf(trainRequest.parse({ dataset: '/set', timestepDraw, timestepDrawOptions, ...range })).draw(random, count, process)

/** Spread evenly in place of drawn, where a draw begins with even numbers: few tell how often each level comes. */
const even: RandomStream = {
  ...stream,
  uniform: (n) => Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n),
  integers: (n, low, high) => Int32Array.from({ length: n }, (_, i) => low + Math.floor(((i + 0.5) / n) * (high - low))),
}

test.each(recorded)('$draw $options from $from to $to', ({ draw, options, from, to, shares }) => {
  const normal = draw === 'logit-normal'
  const count = normal ? 20_000 : 2000
  const timesteps = drawn(draw, options, count, { minTimestep: from, maxTimestep: to }, even)
  expect(timesteps.every((t) => Number.isInteger(t) && t >= from && t < to)).toBe(true)
  const found = new Float64Array(20)
  for (const t of timesteps) found[Math.floor(t / 50)] = (found[Math.floor(t / 50)] ?? 0) + 1 / count
  // Two counts, and what two million draws of the reference leave open; four deviations of what is drawn.
  const bar = normal ? 4 * Math.sqrt(0.2 / count) : 2 / count + 0.001
  for (const [i, share] of shares.entries()) expect(Math.abs((found[i] ?? 0) - share)).toBeLessThan(bar)
})

test('the sigmoid of sd-scripts is the logit-normal draw about the middle', () => {
  expect(drawn('sigmoid', { sigmoidScale: 1.5 }, 500)).toEqual(drawn('logit-normal', { logitDeviation: 1.5 }, 500))
})

test('quantiles of Beta(a, b), where they are known by hand', () => {
  // Of Beta(2, 2): 3x² − 2x³; the median of any a = b is ½; of Beta(½, ½): sin²(πp/2).
  for (const x of [0.1, 0.4, 0.9]) expect(betaQuantile(3 * x * x - 2 * x ** 3, 2, 2)).toBeCloseTo(x, 8)
  expect(betaQuantile(0.5, 7, 7)).toBeCloseTo(0.5, 8)
  for (const p of [0.05, 0.5, 0.8]) expect(betaQuantile(p, 0.5, 0.5)).toBeCloseTo(Math.sin((Math.PI * p) / 2) ** 2, 8)
  expect([betaQuantile(0.25, 2, 1), betaQuantile(0.75, 1, 2)]).toEqual([0.5, 0.5])
})

test('a range is from its first timestep to before its last, as in sd-scripts, and one that is empty is refused before a run begins', () => {
  const all = new Set(drawn('uniform', {}, 200, { minTimestep: 998 }))
  expect([...all].toSorted()).toEqual([998, 999])
  expect(new Set(drawn('logit-normal', {}, 50, { minTimestep: 5, maxTimestep: 6 }))).toEqual(new Set([5]))
  const refused = (range: object): unknown => {
    try {
      trainingRules.forEach((rule) => rule(trainRequest.parse({ dataset: '/set', ...range })))
    } catch (error) {
      return (error as { code: string }).code
    }
    return undefined
  }
  expect(refused({ minTimestep: 500, maxTimestep: 500 })).toBe('timestep-range')
  expect(refused({ minTimestep: 500, maxTimestep: 501 })).toBeUndefined()
})

test('the file tells of a range', () => {
  const told = (range: object) => timestepDrawOf(trainRequest.parse({ dataset: '/set', ...range })).metadata
  expect([told({}), told({ minTimestep: 200 })]).toEqual([{}, { 'pigment.min_timestep': '200' }])
})
