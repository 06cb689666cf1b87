// Loss weights against OneTrainer's and k-diffusion's own functions (build/reference/loss_weights.py).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Prediction } from '../../checkpoint/config.ts'
import { diffusion } from '../../processes/diffusion.ts'
import { trainRequest } from '../../requests/train.ts'
import { lossWeightOf } from './loss-weight.ts'
import { stableDiffusion } from '../../processes/testing-schedule.ts'

interface Recorded {
  readonly timesteps: readonly number[]
  readonly cases: readonly { readonly prediction: Prediction; readonly options: object; readonly weights: readonly number[] }[]
}
const { timesteps, cases } = JSON.parse(readFileSync(new URL('./fixtures/references.json', import.meta.url), 'utf8')) as Recorded
const weightOf = (given: object) => lossWeightOf(trainRequest.parse({ dataset: '/set', ...given }))

test.each(cases)('$options.lossWeight $options.lossWeightOptions of $prediction', ({ prediction, options, weights }) => {
  const { snr } = diffusion(stableDiffusion)
  const { weight } = weightOf(options)
  for (const [i, timestep] of timesteps.entries())
    expect(Math.abs(weight(snr(timestep), prediction) / (weights[i] ?? NaN) - 1)).toBeLessThan(1e-9)
})

test('soft min-SNR of ε and v is the same of x₀: 1/(σ² + 1/γ), and keeps its limits at no signal', () => {
  const { weight } = weightOf({ lossWeight: 'soft-min-snr', lossWeightOptions: { softMinSnrGamma: 4 } })
  for (const snr of [0.01, 1, 30]) {
    const x0 = 1 / (1 / snr + 1 / 4)
    expect(weight(snr, 'epsilon')).toBeCloseTo(x0 / snr, 12)
    expect(weight(snr, 'v_prediction')).toBeCloseTo(x0 / (snr + 1), 12)
  }
  expect([weight(0, 'epsilon'), weight(0, 'v_prediction')]).toEqual([1, 0])
})

test('the file tells which weight it was', () => {
  expect(weightOf({ lossWeight: 'p2' }).metadata).toEqual({ 'pigment.loss_weight': '{"weight":"p2","p2Gamma":1}' })
  expect(weightOf({ lossWeight: 'debiased', lossWeightOptions: { debiasedRoot: true } }).metadata).toEqual({
    ss_debiased_estimation: 'True',
    'pigment.debiased_root': 'true',
  })
})
