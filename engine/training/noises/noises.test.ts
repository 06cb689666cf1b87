// What is made of the noise of a step against sd-scripts' own functions, given the same draws (build/reference/noises.py).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { randomStream } from '../../tensor/philox.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { trainingRules } from '../../training-rules.ts'
import { noisesOf, type NoiseStep } from './noise.ts'
import { channelMeans, offsetNoise } from './offset.ts'
import { pyramidNoise } from './pyramid.ts'

type Numbers = readonly number[]
interface Recorded {
  readonly shape: Numbers
  readonly noise: Numbers
  readonly latents: Numbers
  readonly pyramids: readonly { iterations: number; discount: number; factors: Numbers; draws: readonly Numbers[]; result: Numbers }[]
  readonly offsets: readonly { strength: number; adaptive: number | null; draws: Numbers; result: Numbers }[]
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/noises.json', import.meta.url), 'utf8')) as Recorded
const tensor = (values: Numbers): Tensor => ({ shape: recorded.shape, data: Float32Array.from(values) })
const [noise, latents] = [tensor(recorded.noise), tensor(recorded.latents)]
const worst = ({ data }: Tensor, expected: Numbers): number =>
  data.length === expected.length ? Math.max(...expected.map((value, i) => Math.abs((data[i] ?? NaN) - value))) : NaN

const request = (given: object): TrainRequest => trainRequest.parse({ dataset: '/set', ...given })
const step: NoiseStep = { latents, random: (purpose) => randomStream(5, purpose, 7) }

test.each(recorded.pyramids)('pyramid noise of $iterations levels at $discount', ({ iterations, discount, factors, draws, result }) => {
  const options = { iterations, discount, factor: (level: number) => factors[level] ?? NaN, draws: (level: number) => draws[level] ?? [] }
  expect(worst(pyramidNoise(noise, options), result)).toBeLessThan(1e-6)
})

test.each(recorded.offsets)('an offset of $strength, adaptive $adaptive', ({ strength, adaptive, draws, result }) => {
  const means = channelMeans(latents)
  const by = (channel: number): number => Math.max(0, strength + (adaptive ?? 0) * (means[channel] ?? 0))
  expect(worst(offsetNoise(noise, { strength: by, draws }), result)).toBeLessThan(1e-6)
})

test('they act one after the other, from draws of their own that a step tells again', () => {
  const all = { noiseOffset: 0.1, adaptiveNoiseScale: 0.2, multiresNoiseIterations: 3, multiresNoiseDiscount: 0.5 }
  const found = noisesOf(request(all)).noise?.(noise, step) as Tensor
  expect(noisesOf(request(all)).noise?.(noise, step)).toEqual(found)
  const [means, shifts] = [channelMeans(latents), step.random('noise offset').normal(4)]
  const shifted = offsetNoise(noise, { strength: (channel) => 0.1 + 0.2 * (means[channel] ?? 0), draws: shifts })
  const factors = step.random('pyramid noise factors').uniform(3)
  const expected = pyramidNoise(shifted, {
    ...{ iterations: 3, discount: 0.5 },
    factor: (level) => 2 + 2 * (factors[level] ?? 0),
    draws: (level, count) => step.random(`pyramid noise ${level}`).normal(count),
  })
  expect(found).toEqual(expected)
})

test('input perturbation is seen and not asked for; a random strength is one for the micro-batch, up to what is given', () => {
  const { noise: asked, seen } = noisesOf(request({ ipNoiseGamma: 0.1 }))
  expect(asked).toBeUndefined()
  const draws = step.random('input perturbation').normal(noise.data.length)
  expect(seen?.(noise, step).data).toEqual(noise.data.map((value, i) => value + 0.1 * (draws[i] ?? 0)))
  const strengths = [1, 2, 3, 4].map((n) => {
    const at = { latents, random: (purpose: string) => randomStream(5, purpose, n) }
    const varied = noisesOf(request({ ipNoiseGamma: 0.1, ipNoiseGammaRandomStrength: true })).seen?.(noise, at).data ?? []
    return ((varied[0] ?? 0) - (noise.data[0] ?? 0)) / (at.random('input perturbation').normal(1)[0] ?? 0)
  })
  expect(new Set(strengths.map((value) => value.toFixed(4))).size).toBe(4)
  expect(Math.min(...strengths) >= 0 && Math.max(...strengths) <= 0.1).toBe(true)
})

test('who asks for none has the noise as it is drawn; the file tells of the others by the keys of sd-scripts', () => {
  expect(noisesOf(request({}))).toEqual({ noise: undefined, seen: undefined, metadata: {} })
  const all = { noiseOffset: 0.1, noiseOffsetRandomStrength: true, adaptiveNoiseScale: 0.2, multiresNoiseIterations: 6, ipNoiseGamma: 0.1 }
  expect(noisesOf(request(all)).metadata).toEqual({
    ss_noise_offset: '0.1',
    ss_noise_offset_random_strength: 'True',
    ss_adaptive_noise_scale: '0.2',
    ss_multires_noise_iterations: '6',
    ss_multires_noise_discount: '0.3',
    ss_ip_noise_gamma: '0.1',
  })
})

test.each([
  [{ adaptiveNoiseScale: 0.1 }, '"adaptiveNoiseScale" does nothing without "noiseOffset"'],
  [{ noiseOffset: 0, noiseOffsetRandomStrength: true }, '"noiseOffsetRandomStrength" does nothing without "noiseOffset"'],
  [{ multiresNoiseDiscount: 0.3 }, '"multiresNoiseDiscount" does nothing without "multiresNoiseIterations"'],
  [{ ipNoiseGammaRandomStrength: true }, '"ipNoiseGammaRandomStrength" does nothing without "ipNoiseGamma"'],
])('%o is refused before a run begins', (given, told) => {
  expect(() => trainingRules.forEach((rule) => rule(request(given)))).toThrow(told)
})
