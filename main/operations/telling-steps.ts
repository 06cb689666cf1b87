// Work of many like steps, told in the manner of training and drawing, so that terminals and screens show it alike.
import type { StepEvent } from './events.ts'

/** Takes the work to its end and tells of each step. */
export async function tellingSteps<Result>(
  work: AsyncGenerator<{ readonly done: number; readonly total: number }, Result>,
  emit: (event: StepEvent) => void,
  label = 'layer',
): Promise<Result> {
  const began = performance.now()
  let turn = await work.next()
  while (!turn.done) {
    const { done, total } = turn.value
    const rate = done / Math.max((performance.now() - began) / 1000, 1e-3)
    if (done > 0) emit({ type: 'step', label, step: done, steps: total, rate, eta: (total - done) / rate })
    turn = await work.next()
  }
  return turn.value
}
