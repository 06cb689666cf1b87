import { describe, expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { combine } from './combine.ts'
import { karrasSigmas } from '../schedules/karras-sigmas.ts'
import { diffusion } from './diffusion.ts'
import { timestepGrid } from '../schedules/timesteps.ts'

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
const zero: ScheduleConfig = { ...sd, prediction: 'v_prediction', zeroTerminalSnr: true, timestepSpacing: 'trailing' }

describe('the process of Stable Diffusion', () => {
  const process = diffusion(sd)

  test('has the well-known numbers', () => {
    expect(process.levelAt(0).alpha ** 2).toBeCloseTo(0.99915, 8)
    expect(process.levelAt(500).alpha ** 2).toBeCloseTo(0.276333, 6)
    expect(process.levelAt(999).alpha ** 2).toBeCloseTo(0.0046601, 7)
    expect(process.sigmaMin).toBeCloseTo(0.0291672, 6)
    expect(process.sigmaMax).toBeCloseTo(14.614641, 4)
    expect(process.levelAt(-1).alpha).toBe(process.levelAt(0).alpha)
    expect(diffusion({ ...sd, setAlphaToOne: true }).levelAt(-1)).toMatchObject({ alpha: 1, s: 0, sigma: 0 })
  })

  test('finds the timestep of a sigma, between two timesteps by its logarithm', () => {
    expect(process.timestepOf(process.sigmaAt(321))).toBeCloseTo(321, 8)
    const between = Math.sqrt(process.sigmaAt(500) * process.sigmaAt(501))
    expect(process.timestepOf(between)).toBeCloseTo(500.5, 8)
    expect([process.timestepOf(0), process.timestepOf(100)]).toEqual([0, 999])
    expect(process.sigmaAt(500.25)).toBeCloseTo(0.75 * process.sigmaAt(500) + 0.25 * process.sigmaAt(501), 12)
  })

  test('the noisy latent and the v target together give back latent and noise', () => {
    const [x0, noise] = [Float32Array.of(1, -2, 0.5), Float32Array.of(0.3, 0.1, -1)]
    const x = process.scaled.noised(x0, noise, process.levelAt(400))
    const v = diffusion({ ...sd, prediction: 'v_prediction' }).target(x0, noise, 400)
    const alpha = process.levelAt(400).alpha
    const s = Math.sqrt(1 - alpha * alpha)
    combine([alpha, x], [-s, v]).forEach((value, i) => expect(value).toBeCloseTo(x0[i] ?? 0, 6))
    combine([alpha, v], [s, x]).forEach((value, i) => expect(value).toBeCloseTo(noise[i] ?? 0, 6))
    expect(process.target(x0, noise, 400)).toEqual(noise)
  })
})

test('zero terminal SNR ends in pure noise, keeps its start, and has a finite sigma', () => {
  const process = diffusion(zero)
  expect(process.levelAt(999).alpha ** 2).toBe(0)
  expect(process.levelAt(0).alpha ** 2).toBeCloseTo(0.99915, 8)
  expect(process.sigmaMax).toBeCloseTo(4096, 3)
  expect(process.snr(999)).toBe(0)
  expect(() => diffusion({ ...zero, prediction: 'epsilon' })).toThrow('needs v-prediction')
})

test('Karras sigmas fall from end to end', () => {
  const sigmas = karrasSigmas(3, 0.03, 14)
  expect(sigmas[0]).toBeCloseTo(14, 10)
  expect(sigmas[1]).toBeCloseTo(((14 ** (1 / 7) + 0.03 ** (1 / 7)) / 2) ** 7, 10)
  expect(sigmas[2]).toBeCloseTo(0.03, 10)
})

test('refuses what is not a number of steps', () => {
  for (const steps of [0, 1001, 2.5, NaN]) expect(() => timestepGrid(sd, steps, 'leading')).toThrow('from 1 to 1000')
})

test.each(['epsilon', 'v_prediction'] as const)(
  '%s: the answer that points to a clean latent is the inverse of where it points',
  (prediction) => {
    const process = diffusion({ ...sd, prediction })
    const [x, output, level] = [Float32Array.of(1, -2, 0.5), Float32Array.of(0.3, 0.1, -1), process.levelAt(600)]
    for (const states of [process.scaled, process.straight])
      states.answer(x, states.denoised(x, output, level), level).forEach((value, i) => expect(value).toBeCloseTo(output[i] ?? 0, 5))
  },
)
