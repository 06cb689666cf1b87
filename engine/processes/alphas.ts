// ᾱ of every training timestep, from the betas that a checkpoint was trained with.
import type { ScheduleConfig } from '../checkpoint/config.ts'

/** ᾱ_t = ∏ (1 − β); its last value is 0 under zero terminal SNR. */
export function cumulativeAlphas(config: ScheduleConfig): Float64Array {
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
function zeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const first = Math.sqrt(alphasCumprod[0] ?? 1)
  const last = Math.sqrt(alphasCumprod.at(-1) ?? 0)
  return alphasCumprod.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2)
}
