import { mkdir } from 'node:fs/promises'
import type { OperationContext } from '../../processes/operation.ts'
import type { TrainingEvent } from '../events.ts'
import { releaseModel } from '../held-model.ts'
import type { Machinery } from '../machinery.ts'
import { trainAdapter, type TrainGiven, type TrainHooks } from '../train.ts'
import { drawSamples, type SamplePlan } from '../training-samples.ts'
import { warningOnce } from '../warning-once.ts'

interface TrainTask extends TrainGiven, Machinery {
  /** Pictures as it goes; also whenever the owner says `sample`. */
  readonly samples?: SamplePlan
}

export async function train({ samples, ...task }: TrainTask, context: OperationContext<TrainingEvent>) {
  // Training needs the memory of the model that was kept for pictures.
  await releaseModel()
  if (samples) await mkdir(samples.folder, { recursive: true })
  return trainAdapter(task, context, samples && samples.prompts.length > 0 ? drawing(samples, task, context) : {})
}

function drawing(samples: SamplePlan, { steps, trigger = '' }: TrainGiven, context: OperationContext<TrainingEvent>): TrainHooks {
  const told = warningOnce(context)
  let asked = false
  context.onNotify((what) => (asked ||= what === 'sample'))
  const due = (step: number): boolean => asked || (samples.every > 0 && (step % samples.every === 0 || step === steps))
  return {
    async afterStep(model, step, adapter) {
      // How the model draws without the adapter: what later samples are held against.
      if (step === 1 && samples.every > 0) await drawSamples(model, undefined, 0, samples, trigger, told)
      if (!due(step)) return
      asked = false
      await drawSamples(model, await adapter(), step, samples, trigger, told)
    },
  }
}
