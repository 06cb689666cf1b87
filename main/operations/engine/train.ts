import { mkdir } from 'node:fs/promises'
import type { PresetName } from '../../../engine/requests/model-defaults.ts'
import { basename, join } from 'node:path'
import type { OperationContext } from '../../processes/operation.ts'
import type { TrainingEvent } from '../events.ts'
import { ForgettingMeter } from '../forgetting.ts'
import { releaseModel } from '../held-model.ts'
import { keptEvery } from '../kept-steps.ts'
import type { Machinery } from '../machinery.ts'
import { PauseGate } from '../pause-gate.ts'
import { presetted } from '../presetted.ts'
import { writeProofSheet } from '../proof-sheet.ts'
import { samplePlanOf, stemOf, type SamplesAsked } from '../sample-plan.ts'
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
  /** As often as this, thinned out to a dozen, the weights are kept as an adapter in a folder, besides the last ones. */
  readonly keeping?: { readonly every: readonly number[]; readonly folder: string } | undefined
}

export async function train({ samples: plan, forgetting, keeping, ...asked }: TrainTask, context: OperationContext<TrainingEvent>) {
  const task = await presetted(asked, context.signal)
  const samples = plan ?? (await samplePlanOf(task))
  // Training needs the memory of the model that was kept for pictures.
  await releaseModel()
  if (samples) await mkdir(samples.folder, { recursive: true })
  if (keeping) await mkdir(keeping.folder, { recursive: true })
  const gate = new PauseGate()
  const heard: ((what: string) => void)[] = [(what) => gate.hear(what)]
  context.onNotify((what) => {
    for (const hear of heard) hear(what)
  })
  const looks = [
    ...(keeping ? [keepingSteps(keeping, task, context)] : []),
    ...(samples && samples.prompts.length > 0 ? [drawing(samples, task, { ...context, onNotify: (hear) => void heard.push(hear) })] : []),
    ...(forgetting === undefined ? [] : [measuring(forgetting, task, context)]),
  ]
  const afterStep: Look = async (...at) => {
    for (const look of looks) await look(...at)
  }
  const done = await trainAdapter(task, context, { gate, ...(looks.length > 0 ? { afterStep } : {}) })
  return plan || !samples ? done : { ...done, samples: samples.folder, proofSheet: `${stemOf(task.out)}.proof.png` }
}

type Look = NonNullable<TrainHooks['afterStep']>

function keepingSteps(
  { every, folder }: NonNullable<TrainTask['keeping']>,
  task: TrainGiven,
  context: OperationContext<TrainingEvent>,
): Look {
  const name = basename(task.out).replace(/\.safetensors$/i, '')
  return async (model, step, adapter, { steps, last }) => {
    if (last || every.flatMap((one) => keptEvery(steps, one) ?? []).every((one) => step % one !== 0)) return
    // As sd-scripts names them.
    const out = join(folder, `${name}-step${String(step).padStart(8, '0')}.safetensors`)
    try {
      const [{ moduleShapes }, { writeTrained }] = await Promise.all([
        import('../../../engine/adapter-formats/read.ts'),
        import('../trained-embedding.ts'),
      ])
      const kept = { modules: moduleShapes(model.checkpoint), precision: task.precision, as: 'kept' } as const
      await writeTrained({ ...(await adapter()), name: `${name} · ${step}` }, out, kept)
      context.emit({ type: 'kept', step, out })
    } catch (error) {
      // A full disk must not cost the run.
      const message = `The weights of step ${step} were not kept: ${String((error as Error).message)}`
      context.emit({ type: 'warning', code: 'step-not-kept', message, facts: { step } })
    }
  }
}

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
