// Whether training in 16 bits learns what training in 32 does: the same run twice on the embedded model, from the same draws, and how far their losses
// are apart. `node build/run.mjs build/eval/half-precision.ts [--steps 100] [--precision fp16] [--pictures DIR]`
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { trainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { adapterTraining, openLanes } from '../../engine/training/adapter-training.ts'
import { deviceMemory } from '../../engine/training/device-memory.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import { prepareTraining } from '../../engine/training/prepare-training.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedModel } from '../../main/places/embedded.ts'

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100' },
    precision: { type: 'string', default: 'fp16' },
    pictures: { type: 'string', default: join(import.meta.dirname, '../../assets/samples/black-ink') },
  },
})
const steps = Number(values.steps)
const request = trainRequest.parse({ dataset: values.pictures, steps, rank: 8, alpha: 8, lr: 1e-3, batch: 1, seed: 1 })

interface Course {
  readonly losses: readonly number[]
  readonly skipped: number
}

async function course(precision: 'fp32' | 'fp16' | 'bf16'): Promise<Course> {
  await using model = await Model.open(embeddedModel(), { precision, threads: 1 })
  const silent = (): void => undefined
  const dataset = await drain(trainingDataset(request), silent)
  // Pictures and captions in fp32, so that only the step differs.
  await using plain = await Model.open(embeddedModel(), { threads: 1 })
  const prepared = await drain(prepareTraining(plain, dataset, request), silent)
  const training = adapterTraining(model, request, prepared, {})
  await using lanes = await drain(openLanes(training, model, request), silent)
  await using work = await LaneSteps.open(training, lanes)
  const losses: number[] = []
  let skipped = 0
  for (let done = 0; done < steps; done++)
    for (const { outputs, skippedInRow } of await work.advance(done)) {
      losses.push(outputs.loss ?? NaN)
      if (skippedInRow) skipped++
    }
  return { losses, skipped }
}

await using opened = await Model.open(embeddedModel())
const { checkpoint, defaultSide } = opened
const full = await course('fp32')
const half = await course(values.precision as 'fp16')
const mean = (all: readonly number[]): number => all.reduce((sum, loss) => sum + loss, 0) / all.length
const apart = full.losses.map((loss, i) => Math.abs((half.losses[i] ?? NaN) / loss - 1))
console.log(
  JSON.stringify({
    steps,
    precision: values.precision,
    loss: {
      fp32: mean(full.losses),
      [values.precision]: mean(half.losses),
      last10: [mean(full.losses.slice(-10)), mean(half.losses.slice(-10))],
    },
    apart: { mean: Math.abs(mean(half.losses) / mean(full.losses) - 1), worstStep: Math.max(...apart), meanStep: mean(apart) },
    skipped: half.skipped,
    // Of a graphics card, in bytes, as its graph tells.
    card: Object.fromEntries(
      (['fp32', 'fp16'] as const).map((precision) => [precision, deviceMemory(checkpoint, request, { side: defaultSide, precision })]),
    ),
  }),
)
