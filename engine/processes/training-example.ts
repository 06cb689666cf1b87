// What a training step feeds the graph: the noisy latents, what the network should answer, and how much each sample counts.
import type { Prediction } from '../checkpoint/config.ts'
import type { NoiseProcess } from './process.ts'
import { PigmentError } from '../requests/error.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

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
  /** Shifts each channel of the noise as a whole, so that very dark and very bright pictures can be learnt. `draws`: N·C normals. */
  readonly noiseOffset?: { readonly strength: number; readonly draws: Float32Array }
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
  const { process, latents, timesteps } = batch
  const { shape } = latents
  const [samples = 0] = shape
  if (shape.join() !== batch.noise.shape.join() || timesteps.length !== samples)
    throw new PigmentError(
      'batch-shape',
      `A batch of latents [${shape.join(', ')}] needs noise of that shape and ${samples} timesteps, got noise [${batch.noise.shape.join(', ')}] and ${timesteps.length} timesteps.`,
      { latents: shape, noise: batch.noise.shape, timesteps: timesteps.length },
    )
  const noise = batch.noiseOffset ? offsetNoise(batch.noise, batch.noiseOffset.draws, batch.noiseOffset.strength) : batch.noise
  const size = latents.data.length / samples
  const input = new Float32Array(latents.data.length)
  const target = new Float32Array(latents.data.length)
  const weights = new Float32Array(samples).fill(1)
  for (let sample = 0; sample < samples; sample++) {
    const [from, to] = [sample * size, (sample + 1) * size]
    const x0 = latents.data.subarray(from, to)
    const epsilon = noise.data.subarray(from, to)
    const timestep = timesteps[sample] ?? 0
    input.set(process.scaled.noised(x0, epsilon, process.levelAt(timestep)), from)
    target.set(process.target(x0, epsilon, timestep), from)
    if (batch.weight) weights[sample] = batch.weight(process.snr(timestep), process.prediction)
  }
  return { input: { shape, data: input }, target: { shape, data: target }, weights }
}

/** Noise plus strength × one draw for each sample and channel. */
export function offsetNoise(noise: Tensor, draws: Float32Array, strength: number): Tensor {
  const [samples = 0, channels = 0, ...cells] = noise.shape
  if (draws.length !== samples * channels)
    throw new PigmentError('batch-shape', `Noise [${noise.shape.join(', ')}] needs ${samples * channels} offsets, got ${draws.length}.`, {
      noise: noise.shape,
      draws: draws.length,
    })
  const plane = elementCount(cells)
  return { shape: noise.shape, data: noise.data.map((value, i) => value + strength * (draws[Math.floor(i / plane)] ?? 0)) }
}
