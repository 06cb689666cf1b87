// What a run tells of how it goes, kept beside its adapter: what was measured on held-out pictures, and which step they recommend.
import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import type { TrainRequest } from '../../engine/requests/train.ts'
import type { TrainEvent } from '../../engine/requests/train-events.ts'
import type { Recommendation, ValidationPoint } from '../../engine/requests/watch-events.ts'
import { recommend } from '../../engine/training/watching/recommend.ts'
import type { ForgettingPoint } from '../api/methods/training.ts'
import type { StepStore } from './step-store.ts'

/** What lies beside an adapter that was watched. */
export interface ValidationRecord {
  readonly points: readonly ValidationPoint[]
  readonly recommendation?: Recommendation
}

const stemOf = (out: string): string => out.replace(/\.safetensors$/i, '')
/** `style.safetensors` → `style.validation.json`. */
export const validationFile = (out: string): string => `${stemOf(out)}.validation.json`

async function readJson<T>(file: string): Promise<Partial<T>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<T>
  } catch {
    return {}
  }
}

/** As far as it was written, by this run or, before it was stopped, by an earlier start of it. */
export const readValidation = (out: string): Promise<Partial<ValidationRecord>> => readJson(validationFile(out))
export const readForgetting = (out: string): Promise<Partial<{ readonly points: readonly ForgettingPoint[] }>> =>
  readJson(`${stemOf(out)}.forgetting.json`)

export class WatchedRun {
  readonly #out: string
  /** Where the weights of measured steps are, of which one is taken. */
  readonly #store: StepStore
  readonly #keep: TrainRequest['keep']
  #points: readonly ValidationPoint[]
  #writing: Promise<void> = Promise.resolve()

  private constructor(out: string, store: StepStore, keep: TrainRequest['keep'], points: readonly ValidationPoint[]) {
    this.#out = out
    this.#store = store
    this.#keep = keep
    this.#points = points
  }

  static async open(out: string, store: StepStore, { keep }: Pick<TrainRequest, 'keep'>): Promise<WatchedRun> {
    return new WatchedRun(out, store, keep, (await readValidation(out)).points ?? [])
  }

  tell(event: TrainEvent): void {
    if (event.type !== 'validation') return
    const { type: _type, ...point } = event
    this.#points = [...this.#points.filter(({ step }) => step < point.step), point]
    this.#write({ points: this.#points })
  }

  /** Whether the weights of a step may turn out to be the best: those that were measured. */
  mayTake(step: number): boolean {
    return this.#keep === 'best' && step === this.#points.at(-1)?.step
  }

  /** Once the last step is made: which step is recommended, of those that can be had; nothing where nothing was measured. */
  async recommend(points: readonly ValidationPoint[]): Promise<Recommendation | undefined> {
    if (points.length === 0) return undefined
    const { points: forgetting = [] } = await readForgetting(this.#out)
    const kept = await this.#store.files()
    const last = points.at(-1)?.step
    const at = this.#keep === 'best' ? points.filter(({ step }) => step === 0 || step === last || kept.has(step)) : points
    const recommendation = recommend({ points: at, forgetting })
    this.#write({ points, ...(recommendation ? { recommendation } : {}) })
    await this.#writing
    return recommendation
  }

  /** The weights of the recommended step, where they are kept and are not those of the last one. */
  async chosen({ step, last }: Recommendation): Promise<string | undefined> {
    return this.#keep === 'best' && step !== last ? (await this.#store.files()).get(step) : undefined
  }

  #write(record: ValidationRecord): void {
    const bytes = new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`)
    // A disk that is full costs the file, and not the run.
    this.#writing = this.#writing.then(() => writeFileAtomic(validationFile(this.#out), bytes).catch(() => undefined))
  }
}
