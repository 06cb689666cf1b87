import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Prediction, ScheduleConfig } from '../checkpoint/config.ts'
import { combine } from '../processes/combine.ts'
import { diffusion } from '../processes/diffusion.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { sampleWith } from './sampler-options.ts'
import { samplerByName } from './sampler.ts'

interface Fixture {
  readonly start: string
  readonly tape: string
  readonly runs: readonly {
    readonly prediction: Prediction
    readonly spacing: 'uniform' | 'karras'
    readonly steps: number
    readonly timesteps: readonly number[]
    readonly sigmas: readonly number[]
    readonly latents: string
  }[]
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/k-diffusion.json', import.meta.url), 'utf8')) as Fixture
const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
const start = unpacked(fixture.start)
const row = (values: Float32Array, i: number): Float32Array => values.subarray(i * start.length, (i + 1) * start.length)
const names = { uniform: 'dpmpp-2m-a1111', karras: 'dpmpp-2m-karras-a1111' }

// A folder's own spacing is no matter to A1111.
const config = (prediction: Prediction): ScheduleConfig => ({
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction,
  timestepSpacing: 'leading',
  stepsOffset: 1,
  zeroTerminalSnr: false,
  setAlphaToOne: false,
})

const course = async (name: string, prediction: Prediction, steps: number) => {
  const seen: { timestep: number; latents: Float32Array }[] = []
  const run = sampleWith(samplerByName(name), {
    process: diffusion(config(prediction)),
    steps,
    noise: start,
    model: async (x, _, step) => combine([1, row(unpacked(fixture.tape), step)], [0.5, x]),
    stepNoise: () => start,
  })
  for await (const { timestep, latents } of run) seen.push({ timestep, latents })
  return seen
}

test.each(fixture.runs)('DPM++ 2M as A1111 runs k-diffusion: $prediction, $spacing, $steps steps', async (run) => {
  const seen = await course(names[run.spacing], run.prediction, run.steps)
  seen.forEach(({ timestep }, i) => expect(timestep).toBeCloseTo(run.timesteps[i] ?? 0, 1))
  const states = unpacked(run.latents)
  seen.forEach(({ latents }, i) => {
    // The recording has noise added to a clean latent, ours both scaled to unit variance.
    const sigma = run.sigmas[i + 1] ?? 0
    expect(relativeL2(combine([Math.sqrt(sigma * sigma + 1), latents]), row(states, i + 1))).toBeLessThan(2e-5)
  })
})

test('its noise levels are not those of diffusers, whose timesteps are whole', async () => {
  for (const [ours, theirs] of [
    ['dpmpp-2m-a1111', 'dpmpp-2m'],
    ['dpmpp-2m-karras-a1111', 'dpmpp-2m-karras'],
  ] as const) {
    const [a1111, diffusers] = [await course(ours, 'epsilon', 12), await course(theirs, 'epsilon', 12)]
    expect(a1111.every(({ timestep }) => Number.isInteger(timestep))).toBe(false)
    expect(diffusers.every(({ timestep }) => Number.isInteger(timestep))).toBe(true)
    expect(relativeL2(a1111.at(-1)?.latents ?? start, diffusers.at(-1)?.latents ?? start)).toBeGreaterThan(1e-3)
  }
})
