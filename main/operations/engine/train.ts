import { mkdir } from 'node:fs/promises'
import type { PresetName } from '../../../engine/requests/model-defaults.ts'
import type { OperationContext } from '../../processes/operation.ts'
import type { TrainingEvent } from '../events.ts'
import { ForgettingMeter } from '../forgetting.ts'
import { releaseModel } from '../held-model.ts'
import type { Machinery } from '../machinery.ts'
import { presetted } from '../presetted.ts'
import { trainAdapter, type TrainGiven, type TrainHooks } from '../train.ts'
import { drawSamples, type SamplePlan } from '../training-samples.ts'
import { warningOnce } from '../warning-once.ts'

interface TrainTask extends TrainGiven, Machinery {
  /** Whose values stand where the task leaves them open. */
  readonly preset?: PresetName | undefined
  /** Pictures as it goes; also whenever the owner says `sample`. */
  readonly samples?: SamplePlan
  /** Steps between measurements of what is forgotten; also after the last one. None where it is not given. */
  readonly forgetting?: number | undefined
}

export async function train({ samples, forgetting, ...asked }: TrainTask, context: OperationContext<TrainingEvent>) {
  const task = await presetted(asked)
  // Training needs the memory of the model that was kept for pictures.
  await releaseModel()
  if (samples) await mkdir(samples.folder, { recursive: true })
  const looks = [
    ...(samples && samples.prompts.length > 0 ? [drawing(samples, task, context)] : []),
    ...(forgetting === undefined ? [] : [measuring(forgetting, task, context)]),
  ]
  const afterStep: Look = async (...at) => {
    for (const look of looks) await look(...at)
  }
  return trainAdapter(task, context, looks.length > 0 ? { afterStep } : {})
}

type Stepped = TrainGiven & { readonly steps: number }
type Look = NonNullable<TrainHooks['afterStep']>

function measuring(every: number, task: Stepped, context: OperationContext<TrainingEvent>): Look {
  const meter = new ForgettingMeter(task.out.replace(/\.safetensors$/i, ''), task)
  return async (model, step, adapter) => {
    if ((every > 0 && step % every === 0) || step === task.steps) await meter.measure(model, step, await adapter(), context)
  }
}

function drawing(samples: SamplePlan, { steps, trigger = '' }: Stepped, context: OperationContext<TrainingEvent>): Look {
  const told = warningOnce(context)
  let asked = false
  context.onNotify((what) => (asked ||= what === 'sample'))
  const due = (step: number): boolean => asked || (samples.every > 0 && (step % samples.every === 0 || step === steps))
  return async (model, step, adapter) => {
    // How the model draws without the adapter: what later samples are held against.
    if (step === 1 && samples.every > 0) await drawSamples(model, undefined, 0, samples, trigger, told)
    if (!due(step)) return
    asked = false
    await drawSamples(model, await adapter(), step, samples, trigger, told)
  }
}
