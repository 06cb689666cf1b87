// Where Huber losses bend: squares below c, magnitudes beyond. How c follows the noise, as sd-scripts' get_huber_threshold_if_needed.
import { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { add, div, mul, sqrt } from '../../graph/math.ts'
import type { NoiseAt } from './loss.ts'

/** c of a timestep; `exponential` and `snr` fall from clean to noisy, `snr` from 1 whatever the scale. */
const schedules = {
  constant: (_at: NoiseAt, c: number, scale: number) => c * scale,
  exponential: ({ timestep, trainSteps }: NoiseAt, c: number, scale: number) => Math.exp((Math.log(c) * timestep) / trainSteps) * scale,
  snr: ({ sigma }: NoiseAt, c: number) => (1 - c) / (1 + sigma) ** 2 + c,
}
type Schedule = keyof typeof schedules

export const huberOptions = z.object({
  huberSchedule: z
    .enum(Object.keys(schedules) as [Schedule, ...Schedule[]])
    .default('snr')
    .meta({ description: 'how the threshold c follows the noise: snr and exponential forgive outliers more the noisier a picture is' }),
  huberC: z
    .number()
    .min(1e-4)
    .max(10)
    .default(0.1)
    .meta({ description: 'threshold c: at the noisiest where it follows the noise, else everywhere', step: 0.05 }),
  huberScale: z
    .number()
    .min(1e-3)
    .max(100)
    .default(1)
    .meta({ description: 'what the threshold is multiplied by, with the schedules constant and exponential', step: 0.1 }),
})
type HuberOptions = z.output<typeof huberOptions>

export const huberThreshold = (at: NoiseAt, { huberSchedule, huberC, huberScale }: HuberOptions): number =>
  schedules[huberSchedule](at, huberC, huberScale)

/** √(d² + c²) − c, written so that small misses are not lost in c. */
export function pseudoHuber(d: Value, c: Value): Value {
  const squared = mul(d, d)
  return div(squared, add(sqrt(add(squared, mul(c, c))), c))
}

export const huberMetadata = (type: string, { huberSchedule, huberC, huberScale }: HuberOptions): Record<string, string> => ({
  ss_loss_type: type,
  ss_huber_schedule: huberSchedule,
  ss_huber_c: String(huberC),
  ss_huber_scale: String(huberScale),
})
