// The checkpoints of a stage: its weights, moments and averages; another rate, batch or share of pictures may go on from them.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadRun, saveRun, type RunFacts } from '../../engine/files/run-checkpoint.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { floatsOf } from '../../engine/tensor/vectors.ts'
import { startOf } from '../../engine/training/theta.ts'
import { weightsPlan, type Weights } from '../../engine/training/weights-plan.ts'
import type { TrainingGraph } from './graphs.ts'

type Trained = TrainingGraph['trained']

/** A stage goes on from checkpoints that hold the same weights. */
export function courseFacts(trained: Trained): RunFacts {
  const names = trained.map(({ name, shape }) => `${name} ${shape.join('x')}`)
  return { weights: createHash('sha256').update(names.join()).digest('hex') }
}

/** The folder of the newest checkpoint, if there is one. */
export function newestCheckpoint(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const newest = readdirSync(folder)
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .at(-1)
  return newest && join(folder, newest)
}

/** The averaged weights of a stage, without training on. */
export async function averagedWeights(folder: string, trained: Trained): Promise<Map<string, Tensor>> {
  const average = (await loadRun(folder, courseFacts(trained)))?.vectors.average
  if (!average) throw new PigmentError('checkpoint-missing', `No checkpoint in ${folder}. Run the stage before it first.`, { folder })
  return new Map(Object.entries(views(layoutOf(trained).placements, await floatsOf(average))))
}

/** Writes weights as a checkpoint that a stage goes on from; moments start anew. Gives how many numbers they are. */
export async function saveWeights(folder: string, trained: Trained, weights: Weights, step: number): Promise<number> {
  const theta = await startOf(
    weightsPlan(trained, () => weights),
    [{ index: 0, seed: 0 }],
  )
  const none = () => new Float32Array(theta.length)
  await saveRun(folder, courseFacts(trained), { step, vectors: { theta, m: none(), v: none(), average: theta } })
  return theta.length
}
