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
  readonly noise: string
  readonly runs: readonly {
    readonly prediction: Prediction
    readonly steps: number
    readonly options: Readonly<Record<string, number>>
    /** Of each call of the network: two a step, one at the last. */
    readonly timesteps: readonly number[]
    readonly latents: string
  }[]
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/k-diffusion-heun.json', import.meta.url), 'utf8')) as Fixture
const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
const [start, tape, noise] = [unpacked(fixture.start), unpacked(fixture.tape), unpacked(fixture.noise)]
const row = (values: Float32Array, i: number): Float32Array => values.subarray(i * start.length, (i + 1) * start.length)

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

test.each(fixture.runs)('Heun runs k-diffusion: $prediction, $steps steps, $options', async ({ prediction, steps, options, ...run }) => {
  const visited: number[] = []
  const course = sampleWith(
    samplerByName('heun'),
    {
      process: diffusion(config(prediction)),
      steps,
      noise: start,
      model: async (x, timestep) => combine([1, row(tape, visited.push(timestep) - 1)], [0.5, x]),
      stepNoise: (step) => row(noise, step),
    },
    options,
  )
  const states: Float32Array[] = []
  for await (const { latents } of course) states.push(latents)
  const expected = unpacked(run.latents)
  expect(states).toHaveLength(steps)
  expect(Math.max(...states.map((latents, i) => relativeL2(latents, row(expected, i))))).toBeLessThan(1e-5)
  expect(visited).toHaveLength(run.timesteps.length)
  // Computed in float32 there.
  visited.forEach((timestep, i) => expect(timestep).toBeCloseTo(run.timesteps[i] ?? NaN, 1))
})

test.each(['Heun', 'k_heun', 'heun', 'HeunDiscreteScheduler'])('%s is it', (name) => expect(samplerByName(name).name).toBe('heun'))
