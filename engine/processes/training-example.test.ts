import { expect, test } from 'vitest'
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { diffusion } from './diffusion.ts'
import { tensor } from '../tensor/tensor.ts'
import { type TrainingBatch, trainingExample } from './training-example.ts'

const config: ScheduleConfig = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'v_prediction',
  timestepSpacing: 'trailing',
  stepsOffset: 1,
  zeroTerminalSnr: true,
  setAlphaToOne: false,
}
const shape = [2, 1, 1, 2]
const batch: TrainingBatch = {
  process: diffusion(config),
  latents: tensor(shape, [1, -2, 3, 0.5]),
  noise: tensor(shape, [0.25, 0.5, -1, 2]),
  timesteps: [0, 999],
}

test('each sample is noised at its own timestep: the last one under zero terminal SNR is noise, and its v target minus the picture', () => {
  const { input, target, weights } = trainingExample(batch)
  const alpha = Math.sqrt(0.99915)
  const s = Math.sqrt(0.00085)
  const plain = (values: Float32Array): number[] => [...values].map((value) => Number(value.toFixed(6)))
  expect(plain(input.data)).toEqual(plain(Float32Array.of(alpha + s * 0.25, -2 * alpha + s * 0.5, -1, 2)))
  expect(plain(target.data)).toEqual(plain(Float32Array.of(alpha * 0.25 - s, alpha * 0.5 + 2 * s, -3, -0.5)))
  expect([...weights]).toEqual([1, 1])
})

test('the target of an ε network is the noise, whatever more it sees, and weights follow the prediction', () => {
  const process = diffusion({ ...config, prediction: 'epsilon', zeroTerminalSnr: false })
  const seen = tensor(shape, [0.5, 0.5, -1, 3])
  const { input, target, weights } = trainingExample({
    ...batch,
    process,
    seen,
    weight: (snr, prediction) => (prediction === 'epsilon' ? 1 / snr : 0),
  })
  expect(target.data).toEqual(batch.noise.data)
  expect(input.data).toEqual(trainingExample({ ...batch, process, noise: seen }).input.data)
  for (const [i, timestep] of [0, 999].entries()) expect(weights[i]).toBe(Math.fround(1 / process.snr(timestep)))
})

test('refuses a batch whose parts do not fit', () => {
  expect(() => trainingExample({ ...batch, timesteps: [3] })).toThrow('and 2 timesteps')
})
