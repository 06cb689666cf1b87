// A training run that draws sample pictures with fixed prompts and seeds as it goes.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Adapter } from '../../../engine/adapters/adapter.ts'
import { fillTrigger } from '../../../engine/adapters/triggers.ts'
import { writePng } from '../../../engine/images/write-png.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import type { TrainRequest } from '../../../engine/requests/train.ts'
import type { Model } from '../../../engine/sessions/open-model.ts'
import { drain } from '../drain.ts'
import { trainAdapter } from '../train.ts'
import type { TrainingEvent } from '../events.ts'
import { releaseModel } from '../held-model.ts'
import type { Machinery } from '../machinery.ts'
import { warningOnce } from '../warning-once.ts'
import type { OperationContext } from '../../processes/operation.ts'

interface SamplePlan {
  readonly prompts: readonly string[]
  readonly seed: number
  readonly every: number
  readonly steps: number
  readonly cfg: number
  /** Where the model draws by itself. */
  readonly baseCfg: number
  readonly adapterGuidance: number
  readonly guidanceStop: number
}
export interface TrainTask extends Machinery {
  readonly request: TrainRequest
  readonly model: string
  readonly vae?: string | undefined
  readonly out: string
  readonly samplesFolder: string
  readonly samples: SamplePlan
  readonly initialFile?: string
}
interface TrainResult {
  readonly out: string
  readonly loss: number | null
  readonly seconds: number
  readonly pictures: number
}

export async function train(task: TrainTask, context: OperationContext<TrainingEvent>): Promise<TrainResult> {
  // Training needs the memory of the model that was kept for pictures.
  await releaseModel()
  const { samples, request } = task
  const samplesContext = warningOnce(context)
  await mkdir(task.samplesFolder, { recursive: true })
  let asked = false
  context.onNotify((what) => (asked ||= what === 'sample'))
  const due = (step: number): boolean => asked || (samples.every > 0 && (step % samples.every === 0 || step === request.steps))

  const { out, loss, seconds, pictures } = await trainAdapter(
    { device: task.device, threads: task.threads, emit: context.emit },
    { ...request, model: task.model, vae: task.vae, out: task.out, precision: 'fp32' },
    context.signal,
    {
      ...(task.initialFile ? { initialFile: task.initialFile } : {}),
      async afterStep(model, step, adapter) {
        if (samples.prompts.length === 0) return
        // How the model draws without the adapter: what later samples are held against.
        if (step === 1 && samples.every > 0) await drawSamples(model, undefined, 0, task, samplesContext)
        if (!due(step)) return
        asked = false
        await drawSamples(model, adapter(), step, task, samplesContext)
      },
    },
  )
  return { out, loss, seconds, pictures }
}

async function drawSamples(
  model: Model,
  adapter: Adapter | undefined,
  step: number,
  { samples, samplesFolder, request: { trigger = '' } }: TrainTask,
  context: OperationContext<TrainingEvent>,
): Promise<void> {
  const { generate } = await import('../../../engine/generate.ts')
  try {
    for (const [promptIndex, prompt] of samples.prompts.entries()) {
      if (context.signal.aborted) return
      const seed = samples.seed + promptIndex
      const request = generateRequest.parse({
        prompt: fillTrigger(prompt, trigger.trim()),
        steps: samples.steps,
        cfg: adapter ? samples.cfg : samples.baseCfg,
        adapterGuidance: samples.adapterGuidance,
        guidanceStop: adapter ? samples.guidanceStop : 1,
        seed,
      })
      const stack = adapter ? [{ adapter, weight: 1, enabled: true }] : []
      const { rgb, width, height } = await drain(generate(model, request, { stack, signal: context.signal }), (event) => {
        if (event.type === 'warning') context.emit(event)
      })
      const out = join(samplesFolder, `${String(step).padStart(7, '0')}-${promptIndex}.png`)
      await writePng(out, { width, height, data: rgb })
      context.emit({ type: 'sampled', step, prompt, promptIndex, seed, out })
    }
  } catch (error) {
    // A sample that fails must not cost the run; a stop is seen by the training itself at its next step.
    if (!context.signal.aborted)
      context.emit({
        type: 'warning',
        code: 'sample-failed',
        message: `No sample at step ${step}: ${String((error as Error).message)}`,
        facts: { step },
      })
  } finally {
    await model.release('unet', 'decoder', 'text_encoder', 'text_encoder_2')
  }
}
