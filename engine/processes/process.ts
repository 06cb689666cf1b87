// How a picture becomes noise, and what a network's answer says of both: all that training, samplers and schedules know of it.
import type { Prediction, ScheduleConfig } from '../checkpoint/config.ts'

/** A noise level: x = α·x₀ + s·ε. */
export interface Level {
  /** What the network is told; between two training timesteps it is no whole number. */
  readonly timestep: number
  /** In what grids are spaced and straight states step. */
  readonly sigma: number
  readonly alpha: number
  readonly s: number
  /** Noise to signal, s/α. */
  readonly ratio: number
}

/** In which coordinates a sampler holds its state. */
export interface Coordinates {
  /** The state of a clean latent under noise of a level. */
  noised(x0: Float32Array, noise: Float32Array, level: Level): Float32Array
  /** The state that a run of noise alone begins with: that of a picture of zeros, or `pure` noise whatever the level. */
  begun(noise: Float32Array, level: Level, pure: boolean): Float32Array
  /** A state as the network takes it. */
  input(x: Float32Array, level: Level): Float32Array
  /** The clean latent that the network's answer points to. */
  denoised(x: Float32Array, output: Float32Array, level: Level): Float32Array
  /** The answer of the network that would point to a clean latent. */
  answer(x: Float32Array, denoised: Float32Array, level: Level): Float32Array
}

/** What a checkpoint asks of the grids of its samplers. */
export type AskedGrid = Pick<ScheduleConfig, 'trainSteps' | 'timestepSpacing' | 'stepsOffset' | 'karrasSigmas' | 'alignedFor'>

export interface NoiseProcess {
  readonly asked: AskedGrid
  readonly prediction: Prediction
  /** Bound of the clean latent at every step, where the checkpoint asks for it; only DDIM has it. */
  readonly clip?: number | undefined
  /** σ of the first and of the last training timestep; finite. */
  readonly sigmaMin: number
  readonly sigmaMax: number
  /** σ between two training timesteps, along a line of σ or of its logarithm. */
  sigmaAt(timestep: number, line?: 'linear' | 'logarithmic'): number
  /** The training timestep, not rounded, that has this σ. */
  timestepOf(sigma: number): number
  /** The level of a σ, told to the network as the timestep that has it unless another is named. */
  level(sigma: number, timestep?: number): Level
  /** The level of a whole training timestep. Below 0: beyond the last step. */
  levelAt(timestep: number): Level
  /** Signal-to-noise ratio of a training timestep. */
  snr(timestep: number): number
  /** The network's own: what it sees is the state. */
  readonly scaled: Coordinates
  /** Those in which a state goes straight from noise to a known clean latent as σ falls: Euler's step is exact there. */
  readonly straight: Coordinates
  /** The noise that the network sees in a scaled state. */
  noiseIn(x: Float32Array, output: Float32Array, level: Level): Float32Array
  /** What the network should answer for a clean latent under noise at a training timestep. */
  target(x0: Float32Array, noise: Float32Array, timestep: number): Float32Array
  /** The share η of a step's noise drawn anew: how much of the old is kept at `next`, and how much fresh noise is added. */
  renewed(at: Level, next: Level, eta: number): { readonly kept: number; readonly fresh: number }
}
