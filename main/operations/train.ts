import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { usualFormat } from '../../engine/requests/export.ts'
import { leftOpen, withDefault } from '../../engine/requests/option.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { command } from '../api/command.ts'
import { unixTime } from './clock.ts'
import { drain } from './drain.ts'
import type { TrainingEvent } from './events.ts'
import type { Machinery } from './machinery.ts'
import { modelFields, openModel } from './open-model.ts'
import { fromPairs, inPairs } from './option-pairs.ts'
import { prepareOutput } from './output-file.ts'
import { abandonRun, beginRun, endRun, runFolderOf } from './run-folder.ts'
import { metadataOf } from './training-record.ts'

const { variant, rank, alpha, layers, badPictures } = trainRequest.shape

const input = z.object({
  ...inPairs(trainRequest),
  ...modelFields,
  out: z.string().min(1).meta({
    description: 'the adapter, a .safetensors file; checkpoints lie beside it in a folder of the same name ending in .run until it is done',
    placeholder: 'FILE',
  }),
  precision: z.enum(['fp32', 'fp16', 'bf16']).default('fp32').meta({ description: 'how the weights are stored' }),
  continue: z.string().min(1).optional().meta({
    description:
      'adapter that is trained further, in place of a fresh one; it tells --variant, --rank, --alpha and --layers unless they are given',
    placeholder: 'FILE',
  }),
  // Those of the file that is trained on, unless they are given.
  variant: leftOpen(variant),
  rank: leftOpen(rank),
  alpha: leftOpen(alpha),
  layers: leftOpen(layers),
  // Nobody looks on: a script should learn of it before the hours are spent.
  badPictures: withDefault(badPictures, 'refuse'),
})

export const train = command({
  name: 'train',
  summary: 'Train a LoRA adapter on a folder of pictures. Ctrl-C stops with a checkpoint; the same command continues.',
  input,
  run: (context, given, signal) => trainAdapter(context, given, signal),
})

/** What a shell may add to a run: weights to begin with, and a look at the adapter after each step. */
export interface TrainHooks {
  readonly initialFile?: string
  readonly afterStep?: (model: Model, step: number, adapter: () => Adapter) => Promise<void>
}

export async function trainAdapter(
  context: Machinery & { readonly emit: (event: TrainingEvent) => void },
  given: z.output<typeof input>,
  signal: AbortSignal,
  hooks: TrainHooks = {},
) {
  const out = await prepareOutput(given.out, '.safetensors')
  await using model = await openModel(context, given)
  const [
    { train: trainVerb },
    { readAdapter, writeAdapter, moduleShapes },
    { leftOutOf, refuseTextEncoders, shapeOfAdapter },
    { familyCalled },
  ] = await Promise.all([
    import('../../engine/train.ts'),
    import('../../engine/adapter-formats/read.ts'),
    import('./continued.ts'),
    import('../../engine/models/family-called.ts'),
  ])
  const initialFile = hooks.initialFile ?? given.continue
  const initial = initialFile ? await readAdapter(initialFile, model.modules) : undefined
  if (initial) refuseTextEncoders(initial)
  const notTrained = initialFile && initial ? leftOutOf(initialFile, initial) : undefined
  if (notTrained) context.emit(notTrained)
  const request = trainRequest.parse({
    ...(initial ? shapeOfAdapter(initial, familyCalled(model.checkpoint.family)) : {}),
    ...definedIn(fromPairs(given)),
  })
  const runFolder = runFolderOf(out)
  const startedAt = await beginRun(runFolder, unixTime())
  const { afterStep } = hooks
  const options = {
    runFolder,
    signal,
    ...(initial ? { initial } : {}),
    ...(afterStep ? { afterStep: (step: number, adapter: () => Adapter) => afterStep(model, step, adapter) } : {}),
  }

  const facts = { trainable: 0, total: 0, seconds: 0 }
  const losses: number[] = []
  const { adapter, dataset } = await drain(trainVerb(model, request, options), (event) => {
    if (event.type === 'start') Object.assign(facts, { trainable: event.trainable, total: event.total })
    if (event.type === 'step') losses.push(event.loss)
    if (event.type === 'done') facts.seconds = event.seconds
    context.emit(event)
  }).catch(async (error: unknown) => {
    await abandonRun(runFolder)
    throw error
  })

  const title = request.title ?? basename(out).replace(/\.safetensors$/i, '')
  const metadata = metadataOf({ title, model, request, dataset, startedAt, finishedAt: unixTime() })
  await writeAdapter({ ...adapter, name: title, metadata }, usualFormat, out, {
    modules: moduleShapes(model.checkpoint),
    precision: given.precision,
  })
  await endRun(runFolder)
  const last = losses.slice(-50)
  return {
    out,
    sizeBytes: (await stat(out)).size,
    steps: request.steps,
    seconds: facts.seconds,
    stepsPerSecond: losses.length / Math.max(facts.seconds, 1e-9),
    loss: last.length > 0 ? last.reduce((sum, loss) => sum + loss, 0) / last.length : null,
    rank: request.rank,
    alpha: request.alpha,
    layers: adapter.modules.length,
    trainable: facts.trainable,
    fraction: facts.trainable / Math.max(facts.total, 1),
    pictures: dataset.pictures.length,
    leftOut: dataset.problems.length,
    datasetFingerprint: dataset.fingerprint,
    ...(request.trigger ? { trigger: request.trigger } : {}),
  }
}

/** What was given, without what was not: an absent field leaves another's value. */
function definedIn<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>
}
