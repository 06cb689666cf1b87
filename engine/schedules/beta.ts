// By quantiles of the beta distribution (Lee et al. 2024, "Beta Sampling is All You Need", arXiv 2407.12173).
// Sources: A1111 modules/sd_schedulers.py (beta_scheduler), which spaces σ itself by them; comfyanonymous/ComfyUI, comfy/samplers.py
// (beta_scheduler), which spaces timesteps, rounds them and takes each once, so that there may be fewer steps than were asked for.
import { z } from 'zod'
import type { NoiseProcess } from '../processes/process.ts'
import { betaQuantile } from './beta-quantile.ts'
import { dialect, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps, roundHalfEven } from './timesteps.ts'

const shape = z.number().min(0.05).max(10).default(0.6)
const options = z.object({
  betaAlpha: shape.meta({ description: 'the lower, the more steps at low noise', written: 'Beta schedule alpha', step: 0.05 }),
  betaBeta: shape.meta({ description: 'the lower, the more steps at high noise', written: 'Beta schedule beta', step: 0.05 }),
  dialect,
})

export const beta: Schedule<typeof options> = {
  name: 'beta',
  title: 'Beta',
  written: 'Beta',
  aliases: [],
  kind: 'sigmas',
  options,
  grid(process, steps, { betaAlpha, betaBeta, dialect: as }) {
    checkSteps(process.asked, steps)
    const levels = as === 'comfyui' ? byTimesteps : byLevels
    return through(process, [...levels(process, steps, (p) => betaQuantile(p, betaAlpha, betaBeta)), 0], as)
  },
}

type Quantile = (p: number) => number

const byLevels = ({ sigmaMin, sigmaMax }: NoiseProcess, steps: number, quantile: Quantile): number[] =>
  evenly(steps, 1, 0).map((p) => sigmaMin + quantile(p) * (sigmaMax - sigmaMin))

function byTimesteps(process: NoiseProcess, steps: number, quantile: Quantile): number[] {
  const timesteps = Array.from({ length: steps }, (_, i) => roundHalfEven(quantile(1 - i / steps) * (process.asked.trainSteps - 1)))
  return timesteps.filter((timestep, i) => timestep !== timesteps[i - 1]).map((timestep) => process.sigmaAt(timestep))
}
