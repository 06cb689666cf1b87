// The checkpoints of one run: what it goes on from, and what it leaves.
import { loadRun, saveRun, type DamagedCheckpoint, type RunFacts, type RunVectors, type SavedVectors } from '../files/run-checkpoint.ts'
import { PigmentError } from '../requests/error.ts'
import type { TrainEvent } from '../requests/train-events.ts'

export class Checkpoints {
  readonly folder: string
  /** Of the checkpoint that the run goes on from. */
  readonly resumed: SavedVectors | undefined
  readonly #identity: RunFacts
  #step: number

  private constructor(folder: string, identity: RunFacts, step: number, resumed?: SavedVectors) {
    this.folder = folder
    this.#identity = identity
    this.#step = step
    this.resumed = resumed
  }

  /** Tells of damaged ones. Throws `resume-mismatch` where they are of another run. */
  static async *open(folder: string, identity: RunFacts, changed?: ReadonlySet<string>): AsyncGenerator<TrainEvent, Checkpoints> {
    const damaged: DamagedCheckpoint[] = []
    const resumed = await loadRun(folder, identity, (one) => damaged.push(one), changed)
    const step = resumed?.step ?? 0
    for (const { name, movedTo } of damaged) {
      const from = resumed ? `step ${step}` : 'the start'
      const message = `The checkpoint "${name}" is damaged and was put aside in "${movedTo}". Training continues from ${from}; the result is the same.`
      yield { type: 'warning', code: 'checkpoint-damaged', message, facts: { name, movedTo, step } }
    }
    return new Checkpoints(folder, identity, step, resumed?.vectors)
  }

  /** Of the newest; 0 if there is none. */
  get step(): number {
    return this.#step
  }

  /** What an error says is left. */
  get kept(): string {
    return this.#step > 0 ? `the checkpoint of step ${this.#step} is kept` : 'no checkpoint had been written yet'
  }

  /** What stopped a step says which one it was, and what is left to go on from. */
  rethrow(step: number, error: unknown): never {
    if (!(error instanceof PigmentError)) throw error
    const goes = this.#step > 0 ? 'goes on' : 'begins anew'
    const sentence = `Step ${step}: ${error.message} The same command ${goes}: ${this.kept}.`
    throw new PigmentError(error.code, sentence, { ...error.facts, step, runFolder: this.folder, checkpoint: this.#step }, error)
  }

  async *save(step: number, vectors: RunVectors): AsyncGenerator<TrainEvent, string> {
    yield { type: 'saving', step }
    const path = await saveRun(this.folder, this.#identity, { step, vectors }).catch((error: unknown) => this.rethrow(step, error))
    this.#step = step
    return path
  }
}
