// One entrant of a race: trained, measured and written down, in a process in which nothing else was done, so that its memory is its own.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import type { RaceRow } from '../../../engine/requests/race.ts'
import type { TrainRequest } from '../../../engine/requests/train.ts'
import type { OperationContext } from '../../processes/operation.ts'
import type { TrainingEvent } from '../events.ts'
import { defaultsAt } from '../defaults-at.ts'
import { releaseModel } from '../held-model.ts'
import { openModel } from '../open-model.ts'
import { groundOf, keptRow, measure, picturesOf, shownOf, type Written } from '../race/measure.ts'
import { requestOf, type RaceTask } from '../race/task.ts'
import { trainAdapter } from '../train.ts'

type Context = OperationContext<TrainingEvent>

/** One that was finished is given as it was written; one that was stopped goes on from its checkpoint. */
export async function raceEntrant(task: RaceTask, context: Context): Promise<Written> {
  const { race, entrant, letter } = task
  const name = entrant?.name ?? 'model'
  const folder = join(race.out, name)
  const file = join(folder, 'row.json')
  const dataset = await picturesOf(race, context.signal)
  const asked = fingerprintOf(task, dataset.fingerprint)
  const kept = await keptRow(file, asked)
  if (kept) return { ...kept, row: { ...kept.row, letter } }
  await releaseModel()
  await mkdir(folder, { recursive: true })
  const pictures = dataset.pictures.length
  const rate = (await defaultsAt(race)).presets.quick.lr
  const steps = race.equal === 'time' && entrant ? await stepsInTime(task, pictures, { rate, folder, asked }, context) : race.steps
  const request = requestOf(task, pictures, rate, steps)
  const training = entrant ? await trained(task, request, join(folder, `${name}.safetensors`), context) : undefined

  await using model = await openModel({ ...race, emit: () => undefined }, race)
  const { readAdapter } = await import('../../../engine/adapter-formats/read.ts')
  const adapter = training && (await readAdapter(training.out, model.modules))
  const at = groundOf(race, dataset, request.heldOut)
  const measured = await measure(model, adapter, { race, request, at, folder, signal: context.signal })
  const row: RaceRow = { name, title: entrant?.title ?? 'The model alone', letter, ...(training ? { training: training.row } : {}), ...measured } // prettier-ignore
  const ground = { prompts: at.prompts.slice(0, shownOf(at)), measured: { pictures: at.measured.pictures.length, seen: at.seen } }
  await writeFileAtomic(file, new TextEncoder().encode(JSON.stringify({ asked, row, ground })))
  return { row, ground }
}

async function trained({ race }: RaceTask, request: TrainRequest, out: string, context: Context) {
  const done = await trainAdapter({ ...race, ...request, continue: undefined, out, precision: 'fp32' }, context)
  // Of the whole process: it prepared and trained, and has drawn nothing yet. In KiB, as getrusage has it.
  const memoryBytes = process.resourceUsage().maxRSS * 1024
  const { steps, sizeBytes, trainable, fraction, stepsPerSecond } = done
  const secondsPerStep = 1 / Math.max(stepsPerSecond, 1e-9)
  // One that was stopped and went on took all of its steps, at the pace of those since.
  const time = { seconds: steps * secondsPerStep, secondsPerStep }
  return { out, row: { steps, lr: request.lr, ...time, memoryBytes, fileBytes: sizeBytes, trainable, fraction } }
}

interface Place {
  readonly rate: number
  readonly folder: string
  readonly asked: string
}

/** As many steps as fit into the time, by the pace of a few; written down, so that a race that is stopped goes on with as many. */
async function stepsInTime(task: RaceTask, pictures: number, { rate, folder, asked }: Place, context: Context): Promise<number> {
  const file = join(folder, 'pace.json')
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { asked?: string; steps?: number },
    () => undefined,
  )
  if (known?.asked === asked && known.steps) return known.steps
  const out = join(folder, 'pace.safetensors')
  const { race } = task
  const times: number[] = []
  const watching = { signal: context.signal, emit: ({ type }: TrainingEvent) => void (type === 'step' && times.push(performance.now())) }
  const few = requestOf(task, pictures, rate, looks)
  await trainAdapter({ ...race, ...few, continue: undefined, out, precision: 'fp32', checkpointEvery: 0 }, watching)
  await rm(out, { force: true })
  // The first step is slower: the runtime plans its memory in it.
  const pace = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000 / Math.max(1, times.length - 1)
  const steps = Math.max(looks, Math.round(race.seconds / Math.max(pace, 1e-6)))
  await writeFileAtomic(file, new TextEncoder().encode(JSON.stringify({ asked, steps, pace })))
  return steps
}
const looks = 6

/** Of all that a row depends on. */
function fingerprintOf({ race, entrant }: RaceTask, pictures: string): string {
  const { out: _out, methods: _methods, dataset: _dataset, ...rest } = race
  return createHash('sha256')
    .update(JSON.stringify([rest, entrant ?? null, pictures]))
    .digest('hex')
}
