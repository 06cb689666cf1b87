// The schedule of Stable Diffusion, as tests are given it.
import type { ScheduleConfig } from '../checkpoint/config.ts'

export const stableDiffusion: ScheduleConfig = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  prediction: 'epsilon',
  timestepSpacing: 'leading',
  stepsOffset: 1,
  zeroTerminalSnr: false,
  setAlphaToOne: false,
}
