// Runs of k-diffusion's and diffusers' samplers, recorded by build/reference/samplers.py, whose network and noise are the formulae below.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { diffusion } from '../processes/diffusion.ts'
import type { OwnOptions } from '../requests/own-options.ts'
import { scheduleByName } from '../schedules/schedule-names.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { sampleWith } from './sampler-options.ts'
import { samplerByName } from './sampler.ts'

interface Recorded {
  readonly sampler: string
  readonly options: OwnOptions
  readonly schedule?: string
  readonly model: 'epsilon' | 'v' | 'v-zero-snr'
  readonly ends: Readonly<Record<string, readonly number[]>>
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/reference.json', import.meta.url), 'utf8')) as readonly Recorded[]

const size = 6
const indices = Array.from({ length: size }, (_, i) => i + 1)
const modulo = (value: number): number => value - Math.floor(value)
const spread = (number: number): Float32Array => Float32Array.from(indices, (i) => (modulo(Math.sin(i + size * number) * 9973) - 0.5) * 3.4)

const config = (model: Recorded['model']): ScheduleConfig => ({
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: model === 'epsilon' ? 'epsilon' : 'v_prediction',
  timestepSpacing: model === 'v-zero-snr' ? 'trailing' : 'leading',
  stepsOffset: 1,
  zeroTerminalSnr: model === 'v-zero-snr',
  setAlphaToOne: false,
})

async function end({ sampler, options, schedule, model }: Recorded, steps: number): Promise<Float32Array> {
  let drawn = 0
  const draw = (): Float32Array => spread(drawn++)
  const course = sampleWith(
    samplerByName(sampler),
    {
      process: diffusion(config(model)),
      steps,
      noise: spread(1000),
      model: async (x, timestep) => x.map((value, i) => Math.tanh(0.8 * value + Math.sin(timestep / 90 + i + 1))),
      stepNoise: draw,
      pathNoise: () => draw,
    },
    options,
    schedule ? { schedule: scheduleByName(schedule) } : {},
  )
  let result = await course.next()
  while (!result.done) result = await course.next()
  return result.value
}

test.each(recorded)('$sampler $options on $model', async (run) => {
  for (const [steps, values] of Object.entries(run.ends))
    expect([steps, relativeL2(await end(run, Number(steps)), Float32Array.from(values))]).toEqual([steps, expect.closeTo(0, 5)])
})
