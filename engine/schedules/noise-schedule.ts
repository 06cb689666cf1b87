// The forward process x_t = √ᾱ x₀ + √(1−ᾱ) ε of the model, and what follows from it. ᾱ: alphasCumprod; σ = √((1−ᾱ)/ᾱ).
import type { Prediction, ScheduleConfig } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import { combine } from './combine.ts'

export interface NoiseSchedule {
  readonly config: ScheduleConfig
  /** ᾱ of every training timestep; its last value is 0 under zero terminal SNR. */
  readonly alphasCumprod: Float64Array
  /** ᾱ beyond the last step of a sampler that works on ᾱ (DDIM): 1, or ᾱ₀ as Stable Diffusion was tuned. */
  readonly finalAlphaCumprod: number
  /** σ of every training timestep; always finite, see `smallestAlpha`. */
  readonly sigmas: Float64Array
  /** σ at a timestep that may lie between two training timesteps. */
  sigmaAt(timestep: number): number
  /** The training timestep, not rounded, that has this σ. */
  timestepOf(sigma: number): number
  /** x_t of a clean latent. */
  addNoise(x0: Float32Array, noise: Float32Array, timestep: number): Float32Array
  /** What the network should have answered for x_t. */
  target(x0: Float32Array, noise: Float32Array, timestep: number, prediction?: Prediction): Float32Array
  /** Signal-to-noise ratio ᾱ/(1−ᾱ). */
  snr(timestep: number): number
}

/** Stands in for ᾱ = 0 where σ is needed: diffusers takes the smallest fp16 number, which makes σ_max 4096. */
const smallestAlpha = 2 ** -24

/** Computes the noise schedule that a model was trained with. */
export function noiseSchedule(config: ScheduleConfig): NoiseSchedule {
  if (config.zeroTerminalSnr && config.prediction === 'epsilon')
    throw new PigmentError(
      'schedule-impossible',
      'A schedule with zero terminal SNR needs v-prediction: at its last timestep the input is pure noise, from which ε says nothing about the picture.',
      { prediction: config.prediction, zeroTerminalSnr: true },
    )
  const alphasCumprod = cumulativeAlphas(config)
  const sigmas = alphasCumprod.map((exact) => {
    const alpha = exact || smallestAlpha
    return Math.sqrt((1 - alpha) / alpha)
  })

  const alphaAt = (timestep: number): number => at(alphasCumprod, timestep)
  return {
    config,
    alphasCumprod,
    finalAlphaCumprod: config.setAlphaToOne ? 1 : at(alphasCumprod, 0),
    sigmas,
    sigmaAt(timestep) {
      const low = Math.floor(timestep)
      const weight = timestep - low
      return weight === 0 ? at(sigmas, low) : (1 - weight) * at(sigmas, low) + weight * at(sigmas, low + 1)
    },
    timestepOf: (sigma) => timestepOf(sigmas, sigma),
    addNoise(x0, noise, timestep) {
      const alpha = alphaAt(timestep)
      return combine([Math.sqrt(alpha), x0], [Math.sqrt(1 - alpha), noise])
    },
    target(x0, noise, timestep, prediction = config.prediction) {
      const alpha = alphaAt(timestep)
      return prediction === 'epsilon' ? noise.slice() : combine([Math.sqrt(alpha), noise], [-Math.sqrt(1 - alpha), x0])
    },
    snr: (timestep) => alphaAt(timestep) / (1 - alphaAt(timestep)),
  }
}

function at(table: Float64Array, timestep: number): number {
  const value = table[timestep]
  if (value === undefined)
    throw new PigmentError('timestep-invalid', `Timestep ${timestep} is not one of the ${table.length} the model was trained with.`, {
      timestep,
      trainSteps: table.length,
    })
  return value
}

function cumulativeAlphas(config: ScheduleConfig): Float64Array {
  const { trainSteps, betaStart, betaEnd, betaSchedule } = config
  const alphas = new Float64Array(trainSteps)
  let product = 1
  for (let t = 0; t < trainSteps; t++) {
    const ramp = t / (trainSteps - 1)
    const beta =
      betaSchedule === 'linear'
        ? betaStart + ramp * (betaEnd - betaStart)
        : (Math.sqrt(betaStart) + ramp * (Math.sqrt(betaEnd) - Math.sqrt(betaStart))) ** 2
    product *= 1 - beta
    alphas[t] = product
  }
  return config.zeroTerminalSnr ? zeroTerminalSnr(alphas) : alphas
}

/** Shifts and scales √ᾱ so that it ends at 0 and starts where it did (Lin et al. 2023, Algorithm 1). */
export function zeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const first = Math.sqrt(alphasCumprod[0] ?? 1)
  const last = Math.sqrt(alphasCumprod.at(-1) ?? 0)
  return alphasCumprod.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2)
}

function timestepOf(sigmas: Float64Array, sigma: number): number {
  const last = sigmas.length - 1
  if (sigma <= at(sigmas, 0)) return 0
  if (sigma >= at(sigmas, last)) return last
  // The first σ above: they rise.
  let [below, high] = [0, last]
  while (high - below > 1) {
    const middle = (below + high) >> 1
    if (at(sigmas, middle) > sigma) high = middle
    else below = middle
  }
  const [low, above] = [at(sigmas, below), at(sigmas, high)]
  return below + Math.log(sigma / low) / Math.log(above / low)
}
