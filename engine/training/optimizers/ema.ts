// Exponential moving average of the trained parameters: often the better adapter to save.

/** How much of the average stays at update `step`, counted from 1: it rises to `decay`, so that the random start is soon forgotten. */
export function emaDecay(step: number, { decay = 0.9999, warmupPower }: { decay?: number; warmupPower?: number } = {}): number {
  const done = step - 1
  if (done <= 0) return 0
  return Math.min(decay, warmupPower === undefined ? (1 + done) / (10 + done) : 1 - (1 + done) ** -warmupPower)
}

/** Moves the average towards the parameters, in place. */
export function updateEma(average: Float32Array, params: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) {
    const value = average[i] ?? 0
    average[i] = value - (1 - decay) * (value - (params[i] ?? 0))
  }
}
