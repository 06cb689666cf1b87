import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { trainRequest } from '../../engine/requests/train.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { command, described, type CommandContext } from '../api/command.ts'
import { unixTime } from './clock.ts'
import { drain } from './drain.ts'
import { modelFields, modelWords, openModel } from './open-model.ts'
import { prepareOutput } from './output-file.ts'
import { abandonRun, beginRun, endRun, runFolderOf } from './run-folder.ts'
import { metadataOf } from './training-record.ts'

export const layersWords =
  'what is adapted: the attention projections, all of the transformer blocks, or also the convolutions and time projections around them'

const usual = trainRequest.pick({ rank: true, alpha: true, layers: true }).parse({})

const input = described(
  trainRequest.extend({
    ...modelFields,
    out: z.string().min(1),
    precision: z.enum(['fp32', 'fp16', 'bf16']).default('fp32'),
    continue: z.string().min(1).optional(),
    // Those of the file that is trained on, unless they are given.
    rank: trainRequest.shape.rank.unwrap().optional(),
    alpha: trainRequest.shape.alpha.unwrap().optional(),
    layers: trainRequest.shape.layers.unwrap().optional(),
    // Nobody looks on: a script should learn of it before the hours are spent.
    badPictures: z.enum(['leave-out', 'refuse']).default('refuse'),
  }),
  {
    ...modelWords,
    dataset: ['DIR', 'folder of pictures, each with its caption in a .txt file of the same name; or kohya folders such as 10_name'],
    out: [
      'FILE',
      'the adapter, a .safetensors file; checkpoints lie beside it in a folder of the same name ending in .run until it is done',
    ],
    continue: [
      'FILE',
      'adapter that is trained further, in place of a fresh one; it tells --rank, --alpha and --layers unless they are given',
    ],
    rank: ['R', 'rank of every adapted layer', usual.rank],
    alpha: ['A', 'the adapter acts with alpha / rank', usual.alpha],
    members: [
      'N',
      'share the rank out among N members that are trained apart, from different seeds, and averaged: steadier, and a longer step (N times as long on a graphics card or with a large model)',
    ],
    layers: ['NAME', layersWords, usual.layers],
    steps: ['N', 'optimizer steps'],
    batch: ['B', 'pictures a micro-batch'],
    accumulation: ['N', 'micro-batches a step'],
    optimizer: ['NAME', 'how a step follows from its gradient'],
    lr: ['X', 'highest learning rate'],
    loraPlus: ['RATIO', 'LoRA+: the second matrix (B) learns so many times as fast as the first; 4 to 16 are usual (default: both alike)'],
    ema: [
      'DECAY',
      'averages the weights over the last steps: each step keeps this share of the average; 0.98 to 0.999 are usual (default: the last weights)',
    ],
    course: 'course of the learning rate',
    warmup: ['N', 'steps in which the learning rate rises from 0'],
    weightDecay: ['X', 'weight decay of the optimizer'],
    maxGradNorm: ['X', 'gradients longer than this are scaled down'],
    seed: ['S', 'the same seed and settings give the same adapter'],
    resolution: ['PX', 'side of the square whose area the buckets have (default: the usual size of the model)'],
    flip: 'show every picture mirrored too',
    captionDropout: ['P', 'share of pictures that are shown without their caption'],
    captionPolicy: 'a picture without a caption: cannot be used (see --bad-pictures), takes the name of its folder, or has an empty one',
    badPictures: 'pictures that cannot be read or have no caption: stop the run before it starts, or are left out with a warning each',
    trigger: ['WORD', 'word that calls the style; it goes before every caption that lacks it, and takes the place of [trigger]'],
    lossWeight: ['NAME', 'how much a sample counts by how noisy it is (default: min-snr where its γ is given, else constant)'],
    minSnrGamma: ['G', 'weigh the loss by min-SNR with this γ'],
    recompute: 'use less memory for more time (gradient checkpointing)',
    checkpointEvery: ['N', 'steps between checkpoints; 0 writes one only when cancelled'],
    title: ['TEXT', 'title in the metadata (default: the name of the file)'],
    precision: 'how the weights are stored',
  },
)

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

export async function trainAdapter(context: CommandContext, given: z.output<typeof input>, signal: AbortSignal, hooks: TrainHooks = {}) {
  const out = await prepareOutput(given.out, '.safetensors')
  await using model = await openModel(context, given)
  const [{ train: trainVerb }, { readAdapter, writeAdapter, moduleShapes }, { leftOutOf, refuseTextEncoders, shapeOfAdapter }] =
    await Promise.all([import('../../engine/train.ts'), import('../../engine/adapter-formats/read.ts'), import('./continued.ts')])
  const initialFile = hooks.initialFile ?? given.continue
  const initial = initialFile ? await readAdapter(initialFile, model.modules) : undefined
  if (initial) refuseTextEncoders(initial)
  const notTrained = initialFile && initial ? leftOutOf(initialFile, initial) : undefined
  if (notTrained) context.emit(notTrained)
  const request = trainRequest.parse({ ...(initial ? shapeOfAdapter(initial) : {}), ...definedIn(given) })
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
  await writeAdapter({ ...adapter, name: title, metadata }, 'kohya', out, {
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
