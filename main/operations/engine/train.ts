import { mkdir } from 'node:fs/promises'
import type { PresetName } from '../../../engine/requests/model-defaults.ts'
import type { OperationContext } from '../../processes/operation.ts'
import type { TrainingEvent } from '../events.ts'
import { ForgettingMeter } from '../forgetting.ts'
import { releaseModel } from '../held-model.ts'
import type { Machinery } from '../machinery.ts'
import { PauseGate } from '../pause-gate.ts'
import { presetted } from '../presetted.ts'
import { writeProofSheet } from '../proof-sheet.ts'
import { samplePlanOf, stemOf, type SamplesAsked } from '../sample-plan.ts'
import { stepsFolderOf } from '../step-store.ts'
import { trainAdapter, type TrainGiven, type TrainHooks } from '../train.ts'
import { clearSamples, drawSamples, type SamplePlan } from '../training-samples.ts'
import { warningOnce } from '../warning-once.ts'

interface TrainTask extends TrainGiven, SamplesAsked, Machinery {
  /** Whose values stand where the task leaves them open. */
  readonly preset?: PresetName | undefined
  /** Pictures as it goes; also whenever the owner says `sample`. It stands still and goes on by `pauseWords`. */
  readonly samples?: SamplePlan
  /** Steps between measurements of what is forgotten; also after the last one. None where it is not given. */
  readonly forgetting?: number | undefined
  /** Steps between adapters that are kept in `NAME.steps`, beside the last one. */
  readonly keepEvery?: number | undefined
}

export async function train({ samples: plan, forgetting, keepEvery, ...asked }: TrainTask, context: OperationContext<TrainingEvent>) {
  const task = await presetted(asked, context.signal)
  const samples = plan ?? (await samplePlanOf(task))
  // Training needs the memory of the model that was kept for pictures.
  await releaseModel()
  if (samples) await mkdir(samples.folder, { recursive: true })
  const gate = new PauseGate()
  const heard: ((what: string) => void)[] = [(what) => gate.hear(what)]
  context.onNotify((what) => {
    for (const hear of heard) hear(what)
  })
  const looks = [
    ...(samples && samples.prompts.length > 0 ? [drawing(samples, task, { ...context, onNotify: (hear) => void heard.push(hear) })] : []),
    ...(forgetting === undefined ? [] : [measuring(forgetting, task, context)]),
  ]
  const afterStep: Look = async (...at) => {
    for (const look of looks) await look(...at)
  }
  const keeping = task.keeping ?? (keepEvery === undefined ? undefined : { every: [keepEvery], folder: stepsFolderOf(task.out), all: true })
  const done = await trainAdapter({ ...task, keeping }, context, { gate, ...(looks.length > 0 ? { afterStep } : {}) })
  return plan || !samples ? done : { ...done, samples: samples.folder, proofSheet: `${stemOf(task.out)}.proof.png` }
}

type Look = NonNullable<TrainHooks['afterStep']>

function measuring(every: number, task: TrainGiven, context: OperationContext<TrainingEvent>): Look {
  const meter = new ForgettingMeter(task.out.replace(/\.safetensors$/i, ''), task)
  return async (model, step, adapter, { last }) => {
    if (last || (every > 0 && step % every === 0)) await meter.measure(model, step, await adapter(), context)
  }
}

function drawing(samples: SamplePlan, { out, trigger = '' }: TrainGiven, context: OperationContext<TrainingEvent>): Look {
  const told = warningOnce(context)
  let asked = false
  context.onNotify((what) => (asked ||= what === 'sample'))
  const due = (step: number, last: boolean): boolean => asked || (samples.every > 0 && (last || step % samples.every === 0))
  return async (model, step, adapter, { last }) => {
    // How the model draws without the adapter: what later samples are held against.
    if (step === 1) await clearSamples(samples.folder)
    if (step === 1 && samples.every > 0) await drawSamples(model, undefined, 0, samples, trigger, told)
    if (!due(step, last)) return
    asked = false
    await drawSamples(model, await adapter(), step, samples, trigger, told)
    // A sheet that fails must not cost the run: its pictures are there.
    await writeProofSheet(stemOf(out), samples).catch(() => undefined)
  }
}
