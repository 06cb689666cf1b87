import { expect, test } from 'vitest'
import { diffusion } from '../processes/diffusion.ts'
import { stableDiffusion } from '../processes/testing-schedule.ts'
import { noiseSourceNames } from '../requests/noise-names.ts'
import { pictureNoise, type NoiseSettings } from './picture-noise.ts'
import { sampleWith } from './sampler-options.ts'
import { samplers } from './index.ts'

const one = [1, 2, 4, 4]
const size = 32
const usual: NoiseSettings = { noiseSource: 'pigment', variationSeed: 1, variationStrength: 0, seedDelta: 0 }

async function drawn(name: string, seeds: readonly number[], settings: NoiseSettings): Promise<Float32Array> {
  const noise = pictureNoise(seeds, one, settings)
  const sampler = samplers.find((one) => one.name === name)
  if (!sampler) throw new Error(name)
  const course = sampleWith(sampler, {
    process: diffusion(stableDiffusion),
    steps: 4,
    noise: noise.start,
    model: async (x) => x.map(Math.tanh),
    stepNoise: (step) => noise.step(step),
    pathNoise: noise.path,
  })
  let result = await course.next()
  while (!result.done) result = await course.next()
  return result.value
}

const adding = ['euler-ancestral', 'dpmpp-sde', 'dpmpp-2m-sde', 'lcm']

test.each(noiseSourceNames)('a picture is the same whatever is drawn beside it: %s', async (noiseSource) => {
  for (const name of adding) {
    const settings = { ...usual, noiseSource, seedDelta: 3, variationStrength: 0.2 }
    const [alone, together] = [await drawn(name, [8], settings), await drawn(name, [7, 8], settings)]
    expect([name, together.slice(size)]).toEqual([name, alone])
    expect(together.slice(0, size)).not.toEqual(alone)
  }
})

test('a variation begins between two seeds; a delta changes steps alone', () => {
  const start = (settings: Partial<NoiseSettings>, seed = 5) => pictureNoise([seed], one, { ...usual, ...settings }).start
  expect(start({ variationSeed: 9 })).toEqual(start({}))
  expect(start({ variationSeed: 9, variationStrength: 1 }).every((value, i) => Math.abs(value - (start({}, 9)[i] ?? NaN)) < 1e-5)).toBe(
    true,
  )
  expect(start({ variationSeed: 9, variationStrength: 0.5 })).not.toEqual(start({}))
  expect(start({ seedDelta: 31337 })).toEqual(start({}))
  const step = (settings: Partial<NoiseSettings>, seed = 5) => pictureNoise([seed], one, { ...usual, ...settings }).step(2)
  expect(step({ seedDelta: 4 })).toEqual(step({}, 9))
  expect(() => pictureNoise([1], one, usual, { shape: [1, 2], data: new Float32Array(2) })).toThrow('have [1, 2, 4, 4]')
})
