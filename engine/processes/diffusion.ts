// The forward process x_t = √ᾱ x₀ + √(1−ᾱ) ε of Stable Diffusion, and what follows from it. ᾱ: alphasCumprod; σ = √((1−ᾱ)/ᾱ).
import type { ScheduleConfig } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import { cumulativeAlphas } from './alphas.ts'
import { combine } from './combine.ts'
import { scaledCoordinates, straightCoordinates } from './diffusion-coordinates.ts'
import type { NoiseProcess } from './process.ts'
import { at, sigmaBetween, timestepOf } from './sigma-table.ts'

/** Stands in for ᾱ = 0 where σ is needed: diffusers takes the smallest fp16 number, which makes σ_max 4096. */
const smallestAlpha = 2 ** -24

/** The process that a model was trained with. Throws `schedule-impossible`. */
export function diffusion(config: ScheduleConfig): NoiseProcess {
  const { prediction } = config
  if (config.zeroTerminalSnr && prediction === 'epsilon')
    throw new PigmentError(
      'schedule-impossible',
      'A schedule with zero terminal SNR needs v-prediction: at its last timestep the input is pure noise, from which ε says nothing about the picture.',
      { prediction, zeroTerminalSnr: true },
    )
  const alphasCumprod = cumulativeAlphas(config)
  const sigmas = alphasCumprod.map((exact) => {
    const alpha = exact || smallestAlpha
    return Math.sqrt((1 - alpha) / alpha)
  })
  // Beyond the last step of a sampler that works on ᾱ (DDIM): 1, or ᾱ₀ as Stable Diffusion was tuned.
  const beyond = config.setAlphaToOne ? 1 : at(alphasCumprod, 0)
  const alphaBar = (timestep: number): number => (timestep < 0 ? beyond : at(alphasCumprod, timestep))

  return {
    asked: config,
    prediction,
    clip: config.clipSample,
    sigmaMin: at(sigmas, 0),
    sigmaMax: at(sigmas, config.trainSteps - 1),
    sigmaAt: (timestep, line = 'linear') => sigmaBetween(sigmas, timestep, line),
    timestepOf: (sigma) => timestepOf(sigmas, sigma),
    level(sigma, timestep = timestepOf(sigmas, sigma)) {
      const alpha = 1 / Math.sqrt(sigma * sigma + 1)
      return { timestep, sigma, alpha, s: sigma * alpha, ratio: sigma }
    },
    levelAt(timestep) {
      const exact = alphaBar(timestep)
      const sigma = timestep < 0 ? Math.sqrt((1 - exact) / exact) : at(sigmas, timestep)
      return { timestep, sigma, alpha: Math.sqrt(exact), s: Math.sqrt(1 - exact), ratio: sigma }
    },
    snr: (timestep) => alphaBar(timestep) / (1 - alphaBar(timestep)),
    scaled: scaledCoordinates(prediction),
    straight: straightCoordinates(prediction),
    noiseIn: (x, output, { alpha, s }) => (prediction === 'epsilon' ? output : combine([alpha, output], [s, x])),
    target(x0, noise, timestep) {
      const alpha = alphaBar(timestep)
      return prediction === 'epsilon' ? noise.slice() : combine([Math.sqrt(alpha), noise], [-Math.sqrt(1 - alpha), x0])
    },
    // Song et al. 2021, "Denoising Diffusion Implicit Models", equation 16.
    renewed({ timestep: from }, { timestep: to }, eta) {
      const [now, next] = [alphaBar(from), alphaBar(to)]
      const fresh = eta * Math.sqrt(((1 - next) / (1 - now)) * (1 - now / next))
      return { kept: Math.sqrt(Math.max(0, 1 - next - fresh * fresh)), fresh }
    },
  }
}
