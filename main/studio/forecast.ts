// What a run will cost, before it starts.
import { availableParallelism } from 'node:os'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { laneShape } from '../../engine/requests/members.ts'
import { refuseTooMany } from '../../engine/training/watching/split.ts'
import type { Forecast } from '../api/methods/training.ts'
import type { Found } from '../../engine/datasets/found.ts'
import type { Job } from '../jobs/job.ts'
import { keptCount } from '../operations/kept-steps.ts'
import type { AdaptedSizes } from '../operations/tools/adapted-sizes.ts'
import type { MemoryAnswer } from '../operations/tools/memory-verdict.ts'
import type { ModelFacts } from '../operations/tools/inspect-model.ts'
import { weightCodecs } from '../../engine/weights/index.ts'
import { foreseenLength, type FoundSized } from './foreseen-length.ts'
import { trainingProblems } from './training-problems.ts'

type Training = Extract<Job['work'], { kind: 'train' }>

export interface ForecastInput {
  readonly form: Training['form']
  /** A further set may have an answer of its own to pictures without a caption. */
  readonly found: readonly (Found & FoundSized & { readonly own?: Partial<Pick<Training['form'], 'captionPolicy'>> })[]
  /** Of the pictures, by id, why one cannot be used: it is damaged, its caption cannot be read. */
  readonly broken: ReadonlyMap<string, ErrorRecord>
  readonly facts: ModelFacts
  readonly sizes: AdaptedSizes
  /** What is unwise about the set and what is asked of it. */
  readonly unwise: readonly ErrorRecord[]
  /** What the run takes at most, and whether it is there; 0 where it cannot start. */
  readonly memory: MemoryAnswer
  readonly earlier: readonly (Job & { work: Training })[]
  readonly freeMemoryBytes: number
  readonly freeDiskBytes: number
}

/** Of the processors we know; only the order of magnitude is meant. */
const operationsPerSecond = 5e10
const checkpointsKept = 2
/** Of those that cannot be used so many are told by name. */
const mostNamed = 8

export function forecastOf({
  form,
  found,
  broken,
  facts,
  sizes,
  unwise,
  memory,
  earlier,
  freeMemoryBytes,
  freeDiskBytes,
}: ForecastInput): Forecast {
  const silent = found.filter(
    ({ id, caption, own }) => !broken.has(id) && caption === '' && (own?.captionPolicy ?? form.captionPolicy) === 'error',
  )
  const usable = found.filter((one) => !broken.has(one.id) && !silent.includes(one))
  const shown = usable.reduce((sum, { repeats }) => sum + repeats, 0)
  const side = form.resolution ?? facts.side
  const trainable = sizes.trainable
  const known = secondsPerStep(form, earlier)
  const perStep = known ?? estimate(form, facts, side)
  const { steps, seconds } = foreseenLength(form, { pictures: usable, facts, secondsPerStep: perStep })
  const fileBytes = sizes.filed * 4 + sizes.layers * 400 + 4096
  const diskBytes =
    fileBytes * (1 + keptCount(steps, form.samples.every) + keptCount(steps, form.validateEvery ?? 0)) + checkpointsKept * trainable * 12
  const problems: (ErrorRecord & { stops: boolean })[] = []
  const say = (stops: boolean, code: string, message: string, said: Record<string, unknown> = {}): void =>
    void problems.push({ code, message, facts: said, stops })
  // A run that refuses them does not start; one that leaves them out needs one that is left.
  const stop = form.badPictures === 'refuse' || usable.length === 0
  if (found.length === 0) say(true, 'dataset-empty', 'The data set holds no picture. Add some.')
  if (broken.size > 0) {
    const names = found.flatMap(({ id, path }) => (broken.has(id) ? [path] : [])).slice(0, mostNamed)
    const what = usable.length === 0 && silent.length === 0 ? 'dataset-unusable' : 'pictures-broken'
    const others = broken.size > names.length ? ' …' : ''
    say(
      stop,
      what,
      `${broken.size} of ${found.length} pictures cannot be used: ${names.join(', ')}${others}. ${stop ? 'Mend them or take them away.' : 'The run leaves them out.'}`,
      { count: broken.size, total: found.length, names, reasons: [...broken.values()].slice(0, mostNamed).map(({ message }) => message) },
    )
  }
  if (silent.length > 0)
    say(
      stop,
      'caption-missing',
      usable.length === 0
        ? 'No picture has a caption. Write some, or let the folder name stand for them.'
        : `${silent.length} pictures have no caption${stop ? '. Write them, or choose what stands for them.' : ' and are left out.'}`,
      { count: silent.length },
    )
  for (const { code, message, facts: told } of trainingProblems(form)) say(true, code, message, told)
  const tooMany = usable.length > 0 ? refusal(() => refuseTooMany(usable.length, form)) : undefined
  if (tooMany) problems.push({ ...tooMany, stops: true })
  if (memory.problem) problems.push(memory.problem)
  for (const { code, message, facts: told } of unwise) say(false, code, message, told)
  if (diskBytes * 1.1 > freeDiskBytes) say(true, 'disk-full', 'The disk has no room for the checkpoints of this run.')
  return {
    steps,
    epochs: shown > 0 ? (steps * form.batch * form.accumulation) / shown : 0,
    pictures: usable.length,
    secondsKnown: known !== undefined,
    seconds,
    memoryBytes: memory.bytes,
    freeMemoryBytes,
    ...(memory.cardBytes === undefined ? {} : { cardBytes: memory.cardBytes }),
    fileBytes,
    diskBytes,
    freeDiskBytes,
    trainable,
    fraction: trainable / Math.max(1, facts.unetParameters),
    problems,
  }
}

function refusal(look: () => void): ErrorRecord | undefined {
  try {
    look()
    return undefined
  } catch (error) {
    return errorRecord(error)
  }
}

/** Sessions side by side, were it on the CPU. */
const lanesOf = ({ members }: Training['form'], { unetParameters: parameters }: ModelFacts): number =>
  laneShape({ members, parameters, provider: 'cpu', threads: availableParallelism() }).count

/** What makes a step longer or shorter, by the schema. */
const loading = fieldsOf(trainRequest).flatMap(({ key, load }) => (load ? (key as keyof Training['form']) : []))

/** Of the last run with the same load. */
function secondsPerStep(form: Training['form'], earlier: ForecastInput['earlier']): number | undefined {
  const load = (of: Training['form']): string => JSON.stringify([of.model ?? null, ...loading.map((key) => of[key] ?? null)])
  const same = earlier.find((one) => one.step >= 10 && one.seconds > 0 && load(one.work.form) === load(form))
  return same && same.seconds / same.step
}

/** Forward and backward: three times two operations for each weight at each place where it is used; a packed one is unpacked for each. */
function estimate(form: Training['form'], facts: ModelFacts, side: number): number {
  const { batch, accumulation, members } = form
  const { unetParameters, side: usual } = facts
  const places = (Math.max(usual, 64) / 64) ** 2 * (side / usual) ** 2 * 16
  const unpacking = 3 * (weightCodecs.find(({ name }) => name === form.baseWeights)?.secondsToUnpack ?? 0)
  const once = (6 * places * batch) / operationsPerSecond + unpacking
  return unetParameters * once * accumulation * (members / lanesOf(form, facts))
}
