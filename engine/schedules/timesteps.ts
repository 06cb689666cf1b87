// Which of the training timesteps a sampler visits, in falling order. The three spacings are those of Lin et al. 2023, Table 2,
// with the rounding that diffusers gives them: a LoRA is judged by the images other programs make with it.
import type { TimestepSpacing } from '../checkpoint/config.ts'
import type { AskedGrid } from '../processes/process.ts'
import { PigmentError } from '../requests/error.ts'

/** The grid of DDIM, Euler and Euler ancestral; `usual` where the schedule names no spacing. Linspace is fractional, as Euler uses it; DDIM rounds it. */
export function timestepGrid(config: AskedGrid, steps: number, usual: TimestepSpacing): number[] {
  checkSteps(config, steps)
  const { trainSteps: T, stepsOffset, timestepSpacing } = config
  switch (timestepSpacing ?? usual) {
    case 'linspace':
      return steps === 1 ? [0] : falling(steps, (k) => between(k, steps - 1, T - 1))
    case 'leading':
      return falling(steps, (k) => Math.min(T - 1, k * Math.floor(T / steps) + stepsOffset))
    case 'trailing':
      return trailing(T, steps)
  }
}

/** The grid of the DPM++ family: one interval more, its lowest point dropped, since the step to zero noise is always the last. */
export function multistepTimestepGrid(config: AskedGrid, steps: number): number[] {
  checkSteps(config, steps)
  const { trainSteps: T, stepsOffset, timestepSpacing } = config
  switch (timestepSpacing ?? 'linspace') {
    case 'linspace':
      return falling(steps, (k) => roundHalfEven(between(k + 1, steps, T - 1)))
    case 'leading':
      // With as many steps as timesteps there is no room for the interval more, and the stride stays one.
      return falling(steps, (k) => Math.min(T - 1, (k + 1) * Math.max(1, Math.floor(T / (steps + 1))) + stepsOffset))
    case 'trailing':
      return trailing(T, steps)
  }
}

/** Rounds to the nearest whole number, halves to the even one, as NumPy does. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1
}

const falling = (steps: number, at: (k: number) => number): number[] => Array.from({ length: steps }, (_, i) => at(steps - 1 - i))

/** Point `k` of 0 … `parts` over [0, `last`]. The end is exact, as NumPy's linspace sets it: 29 · (999 / 29) is more than 999. */
const between = (k: number, parts: number, last: number): number => (k === parts ? last : k * (last / parts))

function trailing(trainSteps: number, steps: number): number[] {
  // The increment is taken as a difference of grid points: that is where a range loses its last bit, and it decides the exact halves.
  const increment = trainSteps - trainSteps / steps - trainSteps
  return Array.from({ length: steps }, (_, i) => roundHalfEven(trainSteps + i * increment) - 1)
}

/** Throws `steps-invalid`. */
export function checkSteps(config: AskedGrid, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > config.trainSteps)
    throw new PigmentError('steps-invalid', `The number of steps must be a whole number from 1 to ${config.trainSteps}, got ${steps}.`, {
      steps,
      max: config.trainSteps,
    })
}
