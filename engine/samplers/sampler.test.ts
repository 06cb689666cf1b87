import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { diffusion } from '../processes/diffusion.ts'
import { multistepTimestepGrid, roundHalfEven, timestepGrid } from '../schedules/timesteps.ts'
import { combine } from '../processes/combine.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { samplers } from './index.ts'
import { sampleWith } from './sampler-options.ts'
import type { SamplerInput, SamplerStep } from './run.ts'
import { samplerByName } from './sampler.ts'

interface Fixture {
  readonly steps: number
  readonly start: string
  readonly tape: string
  readonly noise: string
  readonly runs: readonly { sampler: string; model: string; eta: number; timesteps: number[]; latents: string }[]
  readonly grids: readonly { sampler: string; spacing: Spacing; steps: number; timesteps: number[] }[]
  readonly every: readonly { sampler: string; spacing: Spacing; leftOut: number[]; sha256: string }[]
}
type Spacing = ScheduleConfig['timestepSpacing']

const fixture = JSON.parse(readFileSync(new URL('./fixtures/schedulers.json', import.meta.url), 'utf8')) as Fixture

const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
const start = unpacked(fixture.start)
const tape = unpacked(fixture.tape)
const noise = unpacked(fixture.noise)
const row = (values: Float32Array, step: number): Float32Array => values.subarray(step * start.length, (step + 1) * start.length)

const sd: ScheduleConfig = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'epsilon',
  timestepSpacing: 'leading',
  stepsOffset: 1,
  zeroTerminalSnr: false,
  setAlphaToOne: false,
}
const models: Record<string, ScheduleConfig> = {
  epsilon: sd,
  v: { ...sd, prediction: 'v_prediction' },
  'v-zero-snr': { ...sd, prediction: 'v_prediction', timestepSpacing: 'trailing', zeroTerminalSnr: true },
  clipped: { ...sd, clipSample: 1.5 },
}

describe('samplers follow diffusers', () => {
  test.each(fixture.runs)('$sampler on $model, eta $eta', async (run) => {
    const expected = unpacked(run.latents)
    // What a checkpoint asks for, and no sampler of its own.
    const [name, karras] = run.sampler === 'euler-karras' ? ['euler', { karrasSigmas: true } as const] : [run.sampler, {}]
    const input = {
      process: diffusion({ ...(models[run.model] ?? sd), ...karras }),
      steps: fixture.steps,
      noise: start,
      model: (x: Float32Array, _: number, step: number) => Promise.resolve(combine([1, row(tape, step)], [0.5, x])),
      stepNoise: (step: number) => row(noise, step),
    }
    const steps: SamplerStep[] = []
    const generator = sampleWith(samplerByName(name), input, run.sampler === 'ddim' ? { eta: run.eta } : {})
    let result = await generator.next()
    for (; !result.done; result = await generator.next()) steps.push(result.value)

    if (run.sampler !== 'euler-karras') expect(steps.map(({ timestep }) => timestep)).toEqual(run.timesteps)
    // Not rounded there, and diffusers computes them in float32.
    else steps.forEach(({ timestep }, i) => expect(timestep).toBeCloseTo(run.timesteps[i] ?? NaN, 2))
    const errors = steps.map(({ latents }, step) => relativeL2(latents, row(expected, step)))
    expect(Math.max(...errors)).toBeLessThan(1e-5)
    expect(result.value).toEqual(steps.at(-1)?.latents)
  })

  test('DPM++ 2M takes the Karras levels too where the checkpoint asks for them', async () => {
    const course = async (name: string, config: ScheduleConfig) => {
      const steps: SamplerStep[] = []
      const course = sampleWith(samplerByName(name), {
        process: diffusion(config),
        steps: 7,
        noise: Float32Array.of(1, -0.5),
        model: async (x) => x.map((value) => value * 0.9),
        stepNoise: () => new Float32Array(2),
      })
      for await (const step of course) steps.push(step)
      return steps
    }
    const asked = await course('dpmpp-2m', { ...sd, karrasSigmas: true })
    expect(asked).toEqual(await course('dpmpp-2m-karras', sd))
    expect(asked).not.toEqual(await course('dpmpp-2m', sd))
  })

  test.each(fixture.every)('$sampler visits the same timesteps, $spacing, at all step counts', ({ sampler, spacing, leftOut, sha256 }) => {
    const config = { ...sd, timestepSpacing: spacing }
    const hash = createHash('sha256')
    for (let steps = 1; steps <= 1000; steps++) {
      if (leftOut.includes(steps)) continue
      const grid = sampler === 'dpmpp-2m' ? multistepTimestepGrid(config, steps) : timestepGrid(config, steps, 'linspace')
      hash.update(Float32Array.from(sampler === 'ddim' ? grid.map(roundHalfEven) : grid))
    }
    expect(hash.digest('hex')).toBe(sha256)
  })

  test.each(fixture.grids)('$sampler visits the same timesteps, $spacing, $steps steps', ({ sampler, spacing, steps, timesteps }) => {
    const config = { ...sd, timestepSpacing: spacing }
    const grid = sampler === 'dpmpp-2m' ? multistepTimestepGrid(config, steps) : timestepGrid(config, steps, 'linspace')
    const visited = sampler === 'ddim' ? grid.map(roundHalfEven) : grid.map(Math.fround)
    expect(visited).toEqual(timesteps)
  })

  // diffusers 0.42: the defaults of DDIMScheduler, EulerDiscreteScheduler, EulerAncestralDiscreteScheduler and DPMSolverMultistepScheduler.
  test.each([
    ['ddim', 'leading'],
    ['euler', 'linspace'],
    ['euler-ancestral', 'linspace'],
    ['dpmpp-2m', 'linspace'],
  ] as const)('%s takes %s spacing where the checkpoint names none', async (name, usual) => {
    const visit = async (spacing: ScheduleConfig['timestepSpacing']) => {
      const visited: [timestep: number, latents: readonly number[]][] = []
      const course = sampleWith(samplerByName(name), {
        process: diffusion({ ...sd, timestepSpacing: spacing }),
        steps: 5,
        noise: Float32Array.of(1, -0.5),
        model: async (x) => x.map((value) => value * 0.9),
        stepNoise: () => Float32Array.of(0.1, 0.2),
      })
      for await (const { timestep, latents } of course) visited.push([timestep, [...latents]])
      return visited
    }
    expect(await visit(undefined)).toEqual(await visit(usual))
    expect(await visit(undefined)).not.toEqual(await visit('trailing'))
  })
})

describe('every sampler', () => {
  const process = diffusion({ ...sd, prediction: 'v_prediction' })
  const truth = Float32Array.of(0.3, -1, 2, 0.7)
  const grain = Float32Array.of(1, 0.5, -0.25, -2)
  const input: SamplerInput = {
    process,
    steps: 10,
    noise: grain,
    // Knows the picture, so whatever noise is left in x, the clean latent it points to is the truth.
    model(x, timestep) {
      const sigma = process.sigmaAt(timestep)
      const alpha = 1 / Math.sqrt(sigma * sigma + 1)
      return Promise.resolve(combine([alpha / (sigma * alpha), x], [-1 / (sigma * alpha), truth]))
    },
    stepNoise: () => grain,
  }

  test.each(samplers)('$name comes to the picture the network knows, from noise and from a picture', async (sampler) => {
    for (const startAt of [undefined, { step: 6, latents: truth }]) {
      const steps: SamplerStep[] = []
      const generator = sampleWith(sampler, { ...input, startAt })
      let result = await generator.next()
      for (; !result.done; result = await generator.next()) steps.push(result.value)
      expect(steps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].slice(startAt?.step ?? 0))
      // Some stop at the noise of timestep 0, and rounded Karras timesteps are a little off their sigma.
      expect(relativeL2(result.value, truth)).toBeLessThan(0.07)
    }
  })

  const spacings: readonly Spacing[] = [undefined, 'leading', 'trailing', 'linspace']
  const levels: readonly Partial<ScheduleConfig>[] = [
    ...spacings.map((timestepSpacing) => ({ timestepSpacing })),
    { timestepSpacing: 'trailing', zeroTerminalSnr: true },
    { timestepSpacing: 'linspace', karrasSigmas: true },
    // As published folders state it, and far beyond.
    ...[0, 40].map((stepsOffset) => ({ timestepSpacing: 'leading' as const, stepsOffset })),
  ]
  const cases = samplers.flatMap((sampler) => levels.map((level) => [sampler.name, JSON.stringify(level), level] as const))
  // Many have the same noise levels whatever a checkpoint asks for.
  const unlike = (all: typeof cases, key: (name: string) => string): typeof cases => {
    const seen = new Set<string>()
    return all.filter(([name, , level]) => {
      const { steps } = samplerByName(name).schedule.grid(diffusion({ ...sd, prediction: 'v_prediction', ...level }), 7, {
        ...samplerByName(name).schedule.options?.parse({}),
      })
      const one = `${key(name)} ${JSON.stringify(steps)}`
      return seen.size < seen.add(one).size
    })
  }

  test.each(unlike(cases, () => ''))('%s begins with any number of steps, %s', async (name, _, level) => {
    const process = diffusion({ ...sd, prediction: 'v_prediction', ...level })
    const one = { ...input, process, noise: Float32Array.of(1), model: (x: Float32Array) => Promise.resolve(x) }
    // The few, the many, and a prime's multiples between them: the grids of whole timesteps are compared at all counts above.
    const counts = Array.from({ length: 1000 }, (_, i) => i + 1).filter((n) => n <= 100 || n > 985 || n % 11 === 0)
    for (const steps of counts) {
      const course = sampleWith(samplerByName(name), { ...one, steps, stepNoise: () => Float32Array.of(0) })
      const { value } = (await course.next()) as { value: SamplerStep }
      const { timestep, latents } = value
      if (!(timestep >= 0 && timestep <= 999 && Number.isFinite(latents[0]))) expect.fail(`${steps} steps: ${timestep}, ${latents[0]}`)
    }
  })

  test.each(unlike(cases, (name) => name))('%s comes to a number with the most and the fewest steps, %s', async (name, _, level) => {
    const process = diffusion({ ...sd, prediction: 'v_prediction', ...level })
    const model = (x: Float32Array) => Promise.resolve(x.map((value) => value / 2))
    for (const steps of [1, 2, 30, 499, 500, 998, 999, 1000]) {
      const visited: number[] = []
      let last: Float32Array = Float32Array.of(NaN)
      for await (const { timestep, latents } of sampleWith(samplerByName(name), { ...input, process, steps, model })) {
        visited.push(timestep)
        last = latents
      }
      expect({ steps, count: visited.length, finite: last.every(Number.isFinite) }).toEqual({ steps, count: steps, finite: true })
      expect(visited).toEqual(visited.toSorted((a, b) => b - a))
    }
  })

  test.each(samplers)('$name stops between steps when told', async (sampler) => {
    const stop = new AbortController()
    const generator = sampleWith(sampler, { ...input, signal: stop.signal })
    await generator.next()
    stop.abort()
    await expect(generator.next()).rejects.toThrow('aborted')
  })

  test('an unknown name is answered with the known ones', () => {
    expect(() => samplerByName('dpm_adaptive')).toThrow(`Choose one of: ${samplers.map(({ name }) => name).join(', ')}.`)
  })
})
