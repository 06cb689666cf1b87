// How long a run will be, before it starts: epochs by the pictures that there are, minutes by the time of a step.
import type { Found } from '../../engine/datasets/found.ts'
import { mostSteps } from '../../engine/requests/duration-fields.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import { stepsPerEpoch } from '../../engine/training/epochs.ts'
import { preservationOf } from '../../engine/training/preservations/preservation.ts'

/** A picture whose size is not known yet counts as one of the model's own. */
export type FoundSized = Pick<Found, 'repeats'> & { readonly width?: number; readonly height?: number; readonly own?: object }

interface Ground {
  readonly pictures: readonly FoundSized[]
  readonly facts: { readonly side: number; readonly step: number }
  readonly secondsPerStep: number
}

export function foreseenLength(
  form: Omit<TrainRequest, 'dataset'>,
  { pictures, facts, secondsPerStep }: Ground,
): { readonly steps: number; readonly seconds: number } {
  const { epochs, minutes } = form
  if (minutes !== undefined) {
    const steps = Math.ceil((minutes * 60) / Math.max(secondsPerStep, 1e-6))
    return { steps: Math.min(mostSteps, Math.max(1, steps)), seconds: minutes * 60 }
  }
  const steps = epochs === undefined ? form.steps : Math.min(mostSteps, epochs * inAnEpoch(form, pictures, facts))
  return { steps, seconds: steps * secondsPerStep }
}

function inAnEpoch(form: Omit<TrainRequest, 'dataset'>, pictures: readonly FoundSized[], { side, step }: Ground['facts']): number {
  if (pictures.length === 0) return 0
  const sized = pictures.map(({ width = 0, height = 0, ...one }) => ({ ...one, width: width || side, height: height || side }))
  const { pictures: ofClass } = seen(form)
  try {
    // Those of the class are as many.
    return stepsPerEpoch(ofClass ? [...sized, ...sized] : sized, { ...form, dataset: '' }, { defaultSide: side, sideStep: step })
  } catch {
    // One that goes into no bucket is told by the run.
    const shown = pictures.reduce((sum, { repeats }) => sum + repeats, 0)
    return Math.ceil(((ofClass ? 2 : 1) * shown) / (form.batch * form.accumulation))
  }
}

function seen(form: Omit<TrainRequest, 'dataset'>): Pick<ReturnType<typeof preservationOf>, 'pictures'> {
  try {
    return preservationOf(form)
  } catch {
    // It is told among the problems.
    return {}
  }
}
