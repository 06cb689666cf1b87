// What a training step feeds the graph: the noisy latents, what the network should answer, and how much each sample counts.
import type { Prediction } from '../checkpoint/config.ts'
import type { NoiseProcess } from './process.ts'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface TrainingBatch {
  readonly process: NoiseProcess
  /** Clean latents, scaled as the network knows them. (N, C, H, W) */
  readonly latents: Tensor
  /** Standard normal, of the same shape. */
  readonly noise: Tensor
  /** One training timestep a sample. */
  readonly timesteps: ArrayLike<number>
  /** How much a sample counts, by its signal-to-noise ratio; without it every one counts the same. */
  readonly weight?: (snr: number, prediction: Prediction) => number
  /** What the network sees in place of the noise that it is asked for. */
  readonly seen?: Tensor | undefined
}

export interface TrainingExample {
  /** (N, C, H, W) */
  readonly input: Tensor
  /** (N, C, H, W) */
  readonly target: Tensor
  /** (N); the loss is the mean over samples of weight × mean squared error. */
  readonly weights: Float32Array
}

/** Noises a batch of latents and says what the network should make of it. */
export function trainingExample(batch: TrainingBatch): TrainingExample {
  const { process, latents, noise, timesteps } = batch
  const { shape } = latents
  const [samples = 0] = shape
  if (shape.join() !== noise.shape.join() || timesteps.length !== samples)
    throw new PigmentError(
      'batch-shape',
      `A batch of latents [${shape.join(', ')}] needs noise of that shape and ${samples} timesteps, got noise [${noise.shape.join(', ')}] and ${timesteps.length} timesteps.`,
      { latents: shape, noise: noise.shape, timesteps: timesteps.length },
    )
  const seen = batch.seen ?? noise
  const size = latents.data.length / samples
  const input = new Float32Array(latents.data.length)
  const target = new Float32Array(latents.data.length)
  const weights = new Float32Array(samples).fill(1)
  for (let sample = 0; sample < samples; sample++) {
    const [from, to] = [sample * size, (sample + 1) * size]
    const x0 = latents.data.subarray(from, to)
    const epsilon = noise.data.subarray(from, to)
    const timestep = timesteps[sample] ?? 0
    input.set(process.scaled.noised(x0, seen.data.subarray(from, to), process.levelAt(timestep)), from)
    target.set(process.target(x0, epsilon, timestep), from)
    if (batch.weight) weights[sample] = batch.weight(process.snr(timestep), process.prediction)
  }
  return { input: { shape, data: input }, target: { shape, data: target }, weights }
}
