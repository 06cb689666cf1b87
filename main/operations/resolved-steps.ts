// How many steps a training task has that is told epochs: its pictures are looked at before anything of its model is loaded.
import { trainRequest } from '../../engine/requests/train.ts'
import { embeddedModel } from '../places/embedded.ts'
import { drain } from './drain.ts'
import type { TrainGiven } from './train.ts'

/** Throws dataset errors, `dataset-problems`, `held-out-too-many` and the like, what `openCheckpoint` throws, `duration-twice`, `cancelled`. */
export async function stepsOfEpochs(task: TrainGiven, signal: AbortSignal): Promise<number> {
  const [
    { openCheckpoint },
    { sideStep, usualSide },
    { besideSet, classDataset },
    { inSteps, stepsPerEpoch },
    { trainingDataset },
    { trainingRules },
  ] = await Promise.all([
    import('../../engine/models/open-checkpoint.ts'),
    import('../../engine/models/picture-sizes.ts'),
    import('../../engine/training/class-pictures.ts'),
    import('../../engine/training/epochs.ts'),
    import('../../engine/training/training-dataset.ts'),
    import('../../engine/training-rules.ts'),
  ])
  const request = trainRequest.parse(task)
  for (const rule of trainingRules) rule(request, task.continue !== undefined)
  const { prediction, scheduler, vae } = task
  const checkpoint = await openCheckpoint(task.model ?? embeddedModel(), {
    ...(prediction ? { prediction } : {}),
    ...(scheduler ? { scheduler } : {}),
    ...(vae ? { vae } : {}),
  })
  // What is wrong with single pictures is told by the run itself.
  const silent = (): void => undefined
  const dataset = await drain(trainingDataset(request, signal), silent)
  const beside = besideSet(request, dataset, await drain(classDataset(request, signal), silent))
  const sizes = { defaultSide: usualSide(checkpoint), sideStep: sideStep(checkpoint) }
  return inSteps(request, stepsPerEpoch([...dataset.pictures, ...(beside?.pictures ?? [])], request, sizes)).steps
}
