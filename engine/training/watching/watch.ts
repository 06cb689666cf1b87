// What is looked at while a run goes on: pictures that it does not see, what each block does, which pictures are learnt worst. Nothing of it changes a
// weight; its draws are its own, and what it knows goes into the checkpoints.
import type { Adapter } from '../../adapters/adapter.ts'
import type { RunVectors, SavedVectors } from '../../files/run-checkpoint.ts'
import { layoutOf } from '../../runtime/flat-parameters.ts'
import type { TrainEvent } from '../../requests/train-events.ts'
import type { TrainRequest } from '../../requests/train.ts'
import type { ValidationPoint } from '../../requests/watch-events.ts'
import type { Model } from '../../sessions/open-model.ts'
import type { LoopWatch } from '../loop.ts'
import { batchesOf } from '../micro-batches.ts'
import type { Prepared } from '../prepare-training.ts'
import type { RowsSeen, StepObserver, Steps, Training, UpdateSeen } from '../steps.ts'
import { PictureLosses } from './picture-losses.ts'
import { sinceBest } from './plateau.ts'
import { rankUse } from './rank-use.ts'
import { spread } from './split.ts'
import { Updates } from './updates.ts'
import { Validation } from './validation.ts'
import { validationBatches, validationTimesteps } from './validation-batches.ts'

/** What a watch looks at. */
export interface Watched {
  readonly model: Model
  readonly request: TrainRequest
  /** Of the set, in the order in which they are prepared; pictures of the class follow them. */
  readonly paths: readonly string[]
  readonly prepared: Prepared
  readonly training: Pick<Training<Adapter>, 'plan' | 'accumulation'>
}

/** Names under which checkpoints keep it. */
const names = { validation: 'watch/validation', pictures: 'watch/pictures', updates: 'watch/updates' } as const

export class Watch implements LoopWatch<Adapter>, StepObserver {
  readonly #watched: Watched
  readonly #validation: Validation | undefined
  readonly #pictures: PictureLosses | undefined
  readonly #updates: Updates | undefined
  readonly #shown = new Map<number, (n: number) => readonly number[]>()
  #plateau = false

  private constructor(watched: Watched, saved: Readonly<Record<string, ArrayLike<number>>>) {
    const { model, request, paths, prepared, training } = watched
    const { trainSteps } = model.process.asked
    this.#watched = watched
    if (request.validateEvery !== undefined && prepared.apart) {
      const measured = { ...prepared.apart, pictures: spread(prepared.apart.pictures) }
      const own = prepared.pictures.slice(0, paths.length)
      const lists = {
        heldOut: validationBatches(model, request, measured),
        trained: validationBatches(model, request, { ...prepared, pictures: spread(own, measured.pictures.length) }),
      }
      this.#validation = new Validation(lists, validationTimesteps(trainSteps), saved[names.validation])
      this.#plateau = this.#waited().over
    }
    if (request.diagnosticsEvery === undefined) return
    this.#pictures = new PictureLosses(paths, trainSteps, saved[names.pictures])
    this.#updates = new Updates(layoutOf(training.plan.trainables).placements, model.checkpoint.unet.config, saved[names.updates])
  }

  /** Nothing where nothing is looked at; goes on with what a checkpoint kept. */
  static async open(watched: Watched, resumed: SavedVectors | undefined): Promise<Watch | undefined> {
    const { validateEvery, diagnosticsEvery } = watched.request
    if (validateEvery === undefined && diagnosticsEvery === undefined) return undefined
    const known = Object.values(names).flatMap((name) => (resumed?.[name] ? [[name, resumed[name]] as const] : []))
    return new Watch(
      watched,
      Object.fromEntries(await Promise.all(known.map(async ([name, of]) => [name, await of.read(0, of.length)] as const))),
    )
  }

  get over(): boolean {
    return this.#plateau
  }

  get points(): readonly ValidationPoint[] {
    return this.#validation?.points ?? []
  }

  vectors(): RunVectors {
    const all = { [names.validation]: this.#validation?.vector, [names.pictures]: this.#pictures?.vector, [names.updates]: this.#updates?.vector } // prettier-ignore
    return Object.fromEntries(Object.entries(all).flatMap(([name, vector]) => (vector && vector.length > 0 ? [[name, vector]] : [])))
  }

  rows({ member, n, rows, feeds }: RowsSeen): void {
    if (!this.#pictures) return
    const { request, prepared } = this.#watched
    const plan = this.#shown.get(member.index) ?? shownBy({ ...request, seed: member.seed }, prepared)
    this.#shown.set(member.index, plan)
    // Rows that are held to the base's predictions come before those of pictures.
    const timesteps = feeds.timestep?.data ?? []
    for (const [row, picture] of plan(n).entries())
      this.#pictures.add(picture, Number(timesteps[timesteps.length - rows.length + row]), rows[row] ?? NaN)
  }

  before(seen: UpdateSeen): (() => void) | undefined {
    return this.#due(this.#watched.request.diagnosticsEvery, seen.step) ? this.#updates?.before(seen) : undefined
  }

  async *at(step: number, work: Steps<Adapter>, last: boolean): AsyncGenerator<TrainEvent, void> {
    const { validateEvery, diagnosticsEvery } = this.#watched.request
    if (this.#validation && work.measure && (step === 0 || last || this.#due(validateEvery, step))) {
      yield { type: 'validation', ...(await this.#validation.measure(step, (batches) => work.measure?.(batches) ?? Promise.resolve([]))) }
      const { over, best, waited } = this.#waited()
      if (over) yield { type: 'plateau', step, best, measurements: waited }
      this.#plateau = over
    }
    if (step > 0 && (last || this.#due(diagnosticsEvery, step) || this.#plateau)) yield* this.#diagnostics(step, work)
  }

  async *#diagnostics(step: number, work: Steps<Adapter>): AsyncGenerator<TrainEvent, void> {
    const blocks = this.#updates?.blocks() ?? []
    if (blocks.length > 0) yield { type: 'diagnostics', step, blocks }
    const found = this.#updates?.dead()
    if (found) yield deadLayers(step, found)
    const pictures = this.#pictures?.worst() ?? []
    if (pictures.length > 0) yield { type: 'picture-losses', step, pictures }
    const { model, training } = this.#watched
    // The result of some methods takes long.
    const use = this.#updates && !training.plan.costly ? rankUse(await work.result(), model.checkpoint.unet.config) : undefined
    if (use) yield { type: 'rank-use', step, ...use }
  }

  #waited(): { readonly over: boolean; readonly best: number; readonly waited: number } {
    const { patience = Infinity, minDelta } = this.#watched.request
    const { best, waited } = sinceBest(this.points, { minDelta })
    return { over: waited >= patience, best, waited }
  }

  #due(every: number | undefined, step: number): boolean {
    return every !== undefined && ((every > 0 && step % every === 0) || step >= this.#watched.request.steps)
  }
}

function shownBy(request: TrainRequest, prepared: Prepared): (n: number) => readonly number[] {
  const plan = batchesOf(request, prepared)
  return (n) => plan.step(n).pictures
}

function deadLayers(step: number, { dead, layers }: { readonly dead: readonly string[]; readonly layers: number }): TrainEvent {
  const [first = ''] = dead
  const message = `${dead.length} of ${layers} layers have had no gradient and have not changed by step ${step}, "${first}" among them. They do nothing in this run: adapt fewer layers, or look for a rate of 0.`
  return { type: 'warning', code: 'layers-dead', message, facts: { dead: dead.length, layers, step, first, names: dead.slice(0, 20) } }
}
