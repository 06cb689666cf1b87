// Jobs at their turn: in each lane one that works, and beside it perhaps one that stands still with what it has in memory.

/** Why a job that stands still is to let go of it: another needs the memory, nobody came back in time, or it is not wanted any more. */
export type LetGo = 'memory' | 'time' | 'at-once' | 'closing'

/** What a job may do at its turn, beside its work. */
export interface AtTurn {
  /** Aborted when it is cancelled, also after it was asked to stop otherwise. */
  readonly atOnce: AbortSignal
  /** From now on a pause is asked for by this, in place of the signal that stops it. */
  pausable(ask: () => void): void
  /** It was paused, and keeps what it has in memory: others of its lane go on, as long as they can do beside it, until it is told to go on itself. */
  standStill(goOn: () => void): Promise<void>
  /** Whoever stands still in its lane lets go first. */
  alone(): Promise<void>
  /** Whether another waits for its lane. Who has no end of its own gives `again` then, and waits behind it. */
  awaited(): boolean
}

export interface Turn {
  readonly id: string
  readonly lane: string
  readonly controller: AbortController
  readonly atOnce: AbortController
  readonly done: Promise<void>
  pause?: () => void
  /** Where it stands still. */
  goOn?: (() => void) | undefined
  /** It stands still and is to let go as soon as nobody works beside it, who may use what it has. */
  leaving?: LetGo | undefined
  timer?: NodeJS.Timeout | undefined
}

export class Turns {
  readonly #turns = new Map<string, Turn>()

  add(turn: Turn): void {
    this.#turns.set(turn.id, turn)
  }
  get(id: string): Turn | undefined {
    return this.#turns.get(id)
  }
  all(): Turn[] {
    return [...this.#turns.values()]
  }
  /** Somebody works there, or is coming to an end. */
  busy(lane: string): boolean {
    return this.all().some((one) => one.lane === lane && !one.goOn)
  }
  standing(lane: string): Turn[] {
    return this.all().filter((one) => one.lane === lane && one.goOn !== undefined)
  }

  /** Until it goes on, or so many milliseconds have passed. */
  stand(turn: Turn, goOn: () => void, milliseconds: number): void {
    turn.goOn = goOn
    turn.timer = setTimeout(() => this.letGo(turn, 'time'), milliseconds)
    turn.timer.unref()
  }

  /** It is over. Who waited for that lets go. */
  end(id: string): void {
    const turn = this.#turns.get(id)
    this.#turns.delete(id)
    clearTimeout(turn?.timer)
    for (const one of this.standing(turn?.lane ?? '')) if (one.leaving) this.letGo(one, one.leaving)
  }

  /** Ends what stands still; where somebody works beside it, afterwards. */
  letGo(turn: Turn, why: LetGo): void {
    turn.leaving = why
    if (!this.busy(turn.lane)) this.drop(turn, why)
  }

  /** Ends it whoever works beside it. */
  drop(turn: Turn, why: LetGo): void {
    clearTimeout(turn.timer)
    turn.goOn = undefined
    turn.controller.abort(why)
  }
}
