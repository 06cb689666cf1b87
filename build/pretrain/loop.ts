// The pre-training loop: AdamW with clipping, a cosine course and an average of the weights; stops and resumes at a checkpoint.
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { writeSafetensors } from '../../engine/files/safetensors-write.ts'
import { clipScale } from '../../engine/optimizers/clip.ts'
import { emaDecay } from '../../engine/optimizers/ema.ts'
import { fill, layoutOf, views, type Placement } from '../../engine/runtime/flat-parameters.ts'
import type { Feed } from '../../engine/runtime/session.ts'
import { PigmentError } from '../../engine/spec/error.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import type { TrainingGraph } from './graphs.ts'
import { Lanes, sharedFlat, type CourseSource, type Flat } from './lanes.ts'

export interface LoopOptions {
  readonly folder: string
  readonly steps: number
  /** The end of the cosine course, when it is not `steps`. */
  readonly course?: number
  /** The first step of this cosine course, for a course that goes on from the checkpoint of another. */
  readonly from?: number
  readonly lr: number
  readonly warmup: number
  readonly weightDecay: number
  readonly decay: number
  readonly threads: number
  /** How many equal parts of the batch are worked on side by side, if `source` says how another thread makes the same course. */
  readonly lanes?: number
  readonly source?: CourseSource
  /** Fresh weights, when there is no checkpoint. */
  readonly initial: () => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>
  /** What step `n`, counted from 0, is fed with: a pure function of n. */
  readonly feed: (step: number) => Record<string, Feed>
  readonly report: (line: string) => void
  readonly saveEvery?: number
}

/** Trains to `steps` and returns the averaged weights by name. */
export async function trainAll({ graph, trained }: TrainingGraph, options: LoopOptions): Promise<Map<string, Tensor>> {
  const { placements, size } = layoutOf(trained)
  const flat = sharedFlat(size)
  let done = await load(options.folder, flat)
  if (done === 0) {
    fill(placements, flat.theta, await options.initial())
    flat.average.set(flat.theta)
  }
  await using lanes = await Lanes.create({ graph, trained, feed: options.feed }, flat, options)
  let smooth = NaN
  let since = performance.now()
  for (; done < options.steps; done++) {
    const { outputs, norm } = await lanes.gradient(done)
    const { loss = NaN, ...others } = outputs
    if (!Number.isFinite(loss) || !Number.isFinite(norm))
      throw new PigmentError('loss-nan', `Step ${done}: the loss is ${loss}. Lower the learning rate; the last checkpoint is kept.`, {
        step: done,
      })
    const [at, length] = [done - (options.from ?? 0), (options.course ?? options.steps) - (options.from ?? 0)]
    const course =
      at < options.warmup ? (at + 1) / options.warmup : 0.5 * (1 + Math.cos((Math.PI * (at - options.warmup)) / (length - options.warmup)))
    await lanes.update({
      lr: options.lr * course,
      beta1: 0.9,
      beta2: 0.99,
      eps: 1e-8,
      weightDecay: options.weightDecay,
      step: done + 1,
      scale: clipScale(norm, 1),
      decay: emaDecay(done + 1, { decay: options.decay }),
    })
    smooth = Number.isNaN(smooth) ? loss : smooth * 0.97 + loss * 0.03
    const every = 50
    if ((done + 1) % every === 0) {
      const seconds = (performance.now() - since) / 1000
      since = performance.now()
      const told = Object.entries(others).map(([name, value]) => `${name} ${value.toFixed(3)}  `)
      options.report(
        `step ${done + 1}/${options.steps}  loss ${smooth.toFixed(5)}  ${told.join('')}norm ${norm.toFixed(2)}  ${(seconds / every).toFixed(2)} s/step`,
      )
    }
    if ((done + 1) % (options.saveEvery ?? 200) === 0 || done + 1 === options.steps) await saveCheckpoint(options.folder, flat, done + 1)
  }
  return new Map(Object.entries(views(placements, flat.average)))
}

/** Writes a checkpoint that `trainAll` goes on from: weights, moments and averages, each as one vector in θ's order. */
export async function saveCheckpoint(folder: string, flat: Flat, step: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const tensors = Object.entries(flat).map(([name, data]) => ({
    name,
    dtype: 'F32' as const,
    shape: [data.length],
    data: fromFloat32(data, 'float32'),
  }))
  await writeSafetensors(join(folder, 'checkpoint.safetensors'), tensors, { step: String(step) })
}

async function load(folder: string, flat: Flat): Promise<number> {
  const path = join(folder, 'checkpoint.safetensors')
  if (!existsSync(path)) return 0
  const file = await openSafetensors(path)
  for (const [name, data] of Object.entries(flat)) data.set((await readTensor(file, name)).data)
  return Number(file.metadata.get('step'))
}

/** The averaged weights of a checkpoint, without training on. */
export async function averagedWeights(folder: string, trained: TrainingGraph['trained']): Promise<Map<string, Tensor>> {
  const { placements, size } = layoutOf(trained)
  const flat = sharedFlat(size)
  if ((await load(folder, flat)) === 0)
    throw new PigmentError('checkpoint-missing', `No checkpoint in ${folder}. Run the stage before it first.`, { folder })
  return new Map(Object.entries(views(placements as readonly Placement[], flat.average)))
}
