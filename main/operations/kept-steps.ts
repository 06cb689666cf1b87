// Which steps of a run are kept as adapters, so that one of them can be chosen afterwards.

import type { Adapter } from '../../engine/adapters/adapter.ts'
import type { TrainingEvent } from './events.ts'
import type { Keeping, StepStore } from './step-store.ts'

const most = 12

/** Every so many steps: those that samples are drawn of, thinned out to a dozen; undefined where none are drawn. */
export function keptEvery(steps: number, samplesEvery: number): number | undefined {
  if (samplesEvery === 0 || samplesEvery >= steps) return undefined
  return samplesEvery * Math.ceil(steps / samplesEvery / most)
}

/** How many those are, without the last step. */
export const keptCount = (steps: number, samplesEvery: number): number => Math.ceil(steps / (keptEvery(steps, samplesEvery) ?? steps)) - 1

/** Whether a step of a run of so many is kept for good. */
export const isKept = (keeping: Keeping | undefined, step: number, steps: number): boolean =>
  keeping !== undefined &&
  keeping.every.flatMap((one) => (keeping.all ? one : (keptEvery(steps, one) ?? []))).some((every) => step % every === 0)

interface KeepingStep {
  readonly keeps: Parameters<StepStore['keep']>[2]
  readonly emit: (event: TrainingEvent) => void
}

/** A full disk must not cost the run. */
export async function keepStep(store: StepStore, step: number, adapter: Adapter, { keeps, emit }: KeepingStep): Promise<void> {
  try {
    const out = await store.keep(step, adapter, keeps)
    if (out !== undefined) emit({ type: 'kept', step, out })
  } catch (error) {
    const message = `The weights of step ${step} were not kept: ${String((error as Error).message)}`
    emit({ type: 'warning', code: 'step-not-kept', message, facts: { step } })
  }
}
