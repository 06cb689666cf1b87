// What a run will cost, before it starts.
import { availableParallelism } from 'node:os'
import type { ErrorRecord } from '../../engine/spec/error.ts'
import { laneShape, memberRank } from '../../engine/spec/train.ts'
import type { Forecast } from '../api/methods/training.ts'
import type { Found } from '../datasets/scan.ts'
import type { Job } from '../jobs/job.ts'
import type { ModelFacts } from '../workers/model-tools.ts'

type Training = Extract<Job['work'], { kind: 'train' }>

export interface ForecastInput {
  readonly form: Training['form']
  readonly found: readonly Found[]
  readonly facts: ModelFacts
  /** Weights of an adapter of rank 1, and the number of its layers. */
  readonly sizes: { readonly sum: number; readonly layers: number }
  readonly earlier: readonly (Job & { work: Training })[]
  readonly freeMemoryBytes: number
  readonly freeDiskBytes: number
}

/** Of the processors we know; only the order of magnitude is meant. */
const operationsPerSecond = 5e10
const checkpointsKept = 2

export function forecastOf({ form, found, facts, sizes, earlier, freeMemoryBytes, freeDiskBytes }: ForecastInput): Forecast {
  const usable = found.filter(({ caption }) => caption !== '' || form.captionPolicy !== 'error')
  const shown = usable.reduce((sum, { repeats }) => sum + repeats, 0)
  const side = form.resolution ?? facts.side
  const trainable = form.rank * sizes.sum
  const known = secondsPerStep(form, earlier)
  const perStep = known ?? estimate(form, facts, side)
  const activations = (side / 8) ** 2 * facts.side * 60 * form.batch * (form.recompute ? 0.35 : 1)
  const lanes = lanesOf(form, facts)
  const memoryBytes = Math.round(lanes * (facts.unetParameters * 4 + activations * 64) + trainable * 16)
  const fileBytes = trainable * 4 + sizes.layers * 400 + 4096
  const diskBytes = fileBytes + checkpointsKept * trainable * 12
  const problems: (ErrorRecord & { stops: boolean })[] = []
  const say = (stops: boolean, code: string, message: string): void => void problems.push({ code, message, facts: {}, stops })
  if (found.length === 0) say(true, 'dataset-empty', 'The data set holds no picture.')
  else if (usable.length === 0) say(true, 'caption-missing', 'No picture has a caption. Write some, or let the folder name stand for them.')
  else if (usable.length < found.length)
    say(false, 'caption-missing', `${found.length - usable.length} pictures without a caption are left out.`)
  try {
    memberRank(form)
  } catch (error) {
    say(true, 'members-rank', (error as Error).message)
  }
  if (memoryBytes > freeMemoryBytes)
    say(false, 'memory-short', 'This may need more memory than is free. Take a smaller batch, or recompute.')
  if (diskBytes * 1.1 > freeDiskBytes) say(true, 'disk-full', 'The disk has no room for the checkpoints of this run.')
  return {
    steps: form.steps,
    epochs: shown > 0 ? (form.steps * form.batch * form.accumulation) / shown : 0,
    pictures: usable.length,
    secondsKnown: known !== undefined,
    seconds: perStep * form.steps,
    memoryBytes,
    freeMemoryBytes,
    fileBytes,
    diskBytes,
    freeDiskBytes,
    trainable,
    fraction: trainable / Math.max(1, facts.unetParameters),
    problems,
  }
}

/** Sessions side by side, were it on the CPU. */
const lanesOf = ({ members }: Training['form'], { unetParameters: parameters }: ModelFacts): number =>
  laneShape({ members, parameters, provider: 'cpu', threads: availableParallelism() }).count

/** Of the last run with the same load. */
function secondsPerStep(form: Training['form'], earlier: ForecastInput['earlier']): number | undefined {
  const load = ({ model, layers, batch, accumulation, members, resolution, recompute }: Training['form']): string =>
    JSON.stringify([model ?? null, layers, batch, accumulation, members, resolution ?? null, recompute])
  const same = earlier.find((one) => one.step >= 10 && one.seconds > 0 && load(one.work.form) === load(form))
  return same && same.seconds / same.step
}

/** Forward and backward: three times two operations for each weight at each place where it is used. */
function estimate(form: Training['form'], facts: ModelFacts, side: number): number {
  const { batch, accumulation, members } = form
  const { unetParameters, side: usual } = facts
  const places = (Math.max(usual, 64) / 64) ** 2 * (side / usual) ** 2 * 16
  return (6 * unetParameters * places * batch * accumulation * (members / lanesOf(form, facts))) / operationsPerSecond
}
