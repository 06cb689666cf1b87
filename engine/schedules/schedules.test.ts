import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { diffusion } from '../processes/diffusion.ts'
import { completeOptions, type OwnOptions } from '../requests/own-options.ts'
import { generateRequest } from '../requests/generate.ts'
import { betaQuantile } from './beta-quantile.ts'
import { schedules } from './index.ts'
import { scheduleByName, scheduleCalled } from './schedule-names.ts'
import type { Grid } from './schedule.ts'

interface Recorded {
  readonly schedule: string
  readonly options: OwnOptions
  readonly zeroTerminal: boolean
  readonly grids: readonly { steps: number; sigmas: readonly number[]; timesteps?: readonly number[]; pure?: boolean }[]
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/schedules.json', import.meta.url), 'utf8')) as readonly Recorded[]

// A folder's own spacing is no matter to these.
const config = (zeroTerminalSnr: boolean): ScheduleConfig => ({
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: zeroTerminalSnr ? 'v_prediction' : 'epsilon',
  timestepSpacing: 'leading',
  stepsOffset: 1,
  zeroTerminalSnr,
  setAlphaToOne: false,
})

function gridOf(name: string, steps: number, given: OwnOptions = {}, zeroTerminal = false): Grid {
  const schedule = scheduleByName(name)
  const options = completeOptions({ kind: 'schedule', request: generateRequest }, schedule, given)
  return schedule.grid(diffusion(config(zeroTerminal)), steps, options)
}

const sigmasOf = ({ steps }: Grid): number[] => [...steps.map(({ at }) => at.sigma), steps.at(-1)?.next.sigma ?? NaN]

test.each(recorded)('$schedule $options as recorded, zero-terminal: $zeroTerminal', ({ schedule, options, zeroTerminal, grids }) => {
  for (const { steps, sigmas, timesteps, pure } of grids) {
    const grid = gridOf(schedule, steps, options, zeroTerminal)
    const ours = sigmasOf(grid)
    expect(ours.length).toBe(sigmas.length)
    ours.forEach((sigma, i) => expect(Math.abs(sigma - (sigmas[i] ?? NaN))).toBeLessThanOrEqual(1e-5 * (sigmas[i] ?? NaN)))
    grid.steps.forEach(({ next }, i) => expect(next.sigma).toBe(ours[i + 1]))
    if (timesteps) expect([grid.steps.map(({ at }) => at.timestep), grid.pure]).toEqual([timesteps, pure])
    else expect(grid.pure).toBe(false)
  }
})

test('every schedule that is here falls from step to step, refuses what is not a number of steps; its options have defaults', () => {
  for (const { name, title, options } of schedules) {
    expect(title).not.toBe('')
    for (const steps of [1, 7, 30]) {
      const sigmas = sigmasOf(gridOf(name, steps))
      expect(sigmas.every((sigma, i) => i === 0 || sigma < (sigmas[i - 1] ?? 0))).toBe(true)
    }
    for (const steps of [0, 1001, 2.5]) expect(() => gridOf(name, steps)).toThrow('from 1 to 1000')
    expect(Object.values(options?.parse({}) ?? {}).every((value) => value !== undefined)).toBe(true)
  }
})

test('some have more steps than were asked for, some fewer', () => {
  expect(gridOf('ddim-uniform', 7).steps.length).toBe(8)
  expect(gridOf('beta', 1000, { dialect: 'comfyui' }).steps.length).toBeLessThan(900)
})

test.each([
  ['sgm_uniform', 'sgm-uniform'],
  ['SGM Uniform', 'sgm-uniform'],
  ['KL Optimal', 'kl-optimal'],
  ['ddim_uniform', 'ddim-uniform'],
  ['DDIM', 'ddim-uniform'],
  ['discrete', 'uniform'],
  ['native', 'uniform'],
  ['Normal', 'normal'],
  ['Karras', 'karras'],
  ['Align Your Steps', 'align-your-steps'],
  ['karras-whole', 'karras-whole'],
])('%s is %s', (called, ours) => expect(scheduleByName(called).name).toBe(ours))

test('what is known by name alone, what is not, and what diffusers has otherwise', () => {
  expect([scheduleCalled('Turbo'), scheduleCalled('a')]).toEqual(['unknown', undefined])
  expect(scheduleCalled('karras', 'diffusers')).toBe(scheduleByName('karras-spaced'))
  expect(() => scheduleByName('gits')).toThrow('There is no schedule "gits". Choose one of: align-your-steps, automatic, beta, ')
})

test('Align Your Steps takes the levels of the model’s family unless others are named', () => {
  const second = (alignedFor: 'stable-diffusion' | 'stable-diffusion-xl' | undefined, options: OwnOptions = {}) => {
    const process = diffusion({ ...config(false), ...(alignedFor ? { alignedFor } : {}) })
    const schedule = scheduleByName('ays')
    return schedule.grid(process, 11, completeOptions({ kind: 'schedule', request: generateRequest }, schedule, options)).steps[1]?.at.sigma
  }
  expect([
    second(undefined),
    second('stable-diffusion'),
    second('stable-diffusion-xl'),
    second('stable-diffusion-xl', { alignedFor: 'stable-video-diffusion' }),
  ]).toEqual([6.475, 6.475, 6.315, 54.5])
})

test('quantiles of the beta distribution', () => {
  // The arcsine distribution, and one that rises as x².
  for (const p of [1e-6, 0.1, 0.5, 0.83, 1 - 1e-6]) {
    expect(betaQuantile(p, 0.5, 0.5)).toBeCloseTo(Math.sin((p * Math.PI) / 2) ** 2, 12)
    expect(betaQuantile(p, 2, 1)).toBeCloseTo(Math.sqrt(p), 12)
    expect(betaQuantile(p, 1, 3)).toBeCloseTo(1 - Math.cbrt(1 - p), 12)
  }
  expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1])
})
