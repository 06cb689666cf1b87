import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { diffusion } from '../../processes/diffusion.ts'
import { trainRequest } from '../../requests/train.ts'
import { lossWeightOf } from './loss-weight.ts'
import { stableDiffusion } from '../../processes/testing-schedule.ts'

const recorded = JSON.parse(readFileSync(new URL('./fixtures/debiased.json', import.meta.url), 'utf8')) as {
  readonly timesteps: readonly number[]
} & Readonly<Record<'epsilon' | 'v_prediction', readonly number[]>>
const { weight, metadata } = lossWeightOf(trainRequest.parse({ dataset: '/set', lossWeight: 'debiased' }))

test.each(['epsilon', 'v_prediction'] as const)('the weights of sd-scripts over the schedule of Stable Diffusion, %s', (prediction) => {
  const process = diffusion(stableDiffusion)
  recorded.timesteps.forEach((timestep, i) => {
    const expected = recorded[prediction][i] ?? NaN
    expect(Math.abs(weight(process.snr(timestep), prediction) / expected - 1)).toBeLessThan(1e-9)
  })
  // The first timestep lies beyond the limit, the noisiest of zero terminal SNR counts wholly.
  expect(process.snr(0)).toBeGreaterThan(1000)
  expect(weight(process.snr(0), prediction)).toBe(prediction === 'epsilon' ? 1 / Math.sqrt(1000) : 1 / 1001)
  expect(weight(0, 'v_prediction')).toBe(1)
})

test('the file tells it by the key of sd-scripts', () => expect(metadata).toEqual({ ss_debiased_estimation: 'True' }))
