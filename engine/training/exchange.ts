// Gradients between those who train one adapter together. Each step's batch is cut into parts; a part is a pure function of the step and of the weights,
// which are everybody's alike, so that it does not matter who computes it: what does not come in time is computed here.

/** What one part of a step gives: its mean gradient and outputs. */
export interface PartResult {
  readonly outputs: Readonly<Record<string, number>>
  readonly gradient: Float32Array
}
export interface Part extends PartResult {
  readonly step: number
  /** Of those that share a rank out; not of those who train together. */
  readonly member: number
  readonly index: number
  /** Who computed it. */
  readonly rank: number
}

/** What carries parts to all others. */
export interface PartLine extends AsyncDisposable {
  post(part: Part): Promise<void>
  hear(listener: (part: Part) => void): void
}

export interface ExchangeOptions {
  readonly rank: number
  readonly size: number
  /** Milliseconds that a step waits for the others: the first, for which they may still prepare, and any other. */
  readonly patience?: { readonly first: number; readonly later: number }
  /** Aborted, it waits for nobody: the step is ended by this one, and then the run. */
  readonly signal?: AbortSignal | undefined
}

const usualPatience = { first: 120_000, later: 30_000 }

interface Gathered {
  readonly step: number
  readonly member: number
  /** How many parts the step has. */
  readonly count: number
  readonly compute: (index: number) => Promise<PartResult>
}

export class Exchange {
  readonly rank: number
  readonly size: number
  readonly #line: PartLine
  readonly #patience: NonNullable<ExchangeOptions['patience']>
  readonly #parts = new Map<string, Part>()
  readonly #absent = new Set<number>()
  /** The newest step that anybody told of. */
  #newest = 0
  #first = true
  readonly #waiting = new Set<() => void>()
  readonly #signal: AbortSignal | undefined

  constructor(line: PartLine, { rank, size, patience = usualPatience, signal }: ExchangeOptions) {
    this.rank = rank
    this.size = size
    this.#line = line
    this.#patience = patience
    this.#signal = signal
    signal?.addEventListener('abort', () => this.#wake(), { once: true })
    line.hear((part) => this.#take(part))
  }

  /** All parts of a step in their order, whoever computed them. */
  async gather({ step, member, count, compute }: Gathered): Promise<readonly PartResult[]> {
    const known = (index: number): Part | undefined => this.#parts.get(keyOf({ step, member, index }))
    const work = async (index: number): Promise<void> => {
      const part = { step, member, index, rank: this.rank, ...(await compute(index)) }
      this.#take(part)
      // Those who are further need it no more.
      if (this.#newest <= step) await this.#line.post(part)
    }
    const indexes = Array.from({ length: count }, (_, index) => index)
    const began = performance.now()
    for (const index of indexes.filter((one) => one % this.size === this.rank)) if (!known(index)) await work(index)
    const own = performance.now() - began
    for (;;) {
      const missing = indexes.filter((index) => !known(index))
      const next = missing.find((index) => index % this.size > this.rank) ?? missing[0]
      if (next === undefined) break
      const owner = next % this.size
      // The others went on without this one, which came back from its checkpoint: it follows them alone.
      const behind = this.#newest > step
      const wait = this.#absent.has(owner) ? own : this.#first ? this.#patience.first : this.#patience.later
      if (!behind && (await this.#hears(() => known(next) !== undefined || this.#newest > step, wait))) continue
      if (!behind) this.#absent.add(owner)
      await work(next)
    }
    this.#first = false
    const all = indexes.map((index) => known(index) as Part)
    // Of this step; what is told of later ones stays.
    for (const [key, part] of this.#parts) if (part.member === member && part.step <= step) this.#parts.delete(key)
    return all
  }

  #take(part: Part): void {
    if (part.rank !== this.rank) {
      this.#newest = Math.max(this.#newest, part.step)
      this.#absent.delete(part.rank)
    }
    const key = keyOf(part)
    if (!this.#parts.has(key)) this.#parts.set(key, part)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Whether it is so before the time is over; not a moment later than it is told. */
  async #hears(so: () => boolean, milliseconds: number): Promise<boolean> {
    const until = performance.now() + milliseconds
    while (!so()) {
      const left = until - performance.now()
      if (left <= 0 || this.#signal?.aborted) return false
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((done) => {
        this.#waiting.add(done)
        timer = setTimeout(done, left)
      })
      clearTimeout(timer)
    }
    return true
  }
}

const keyOf = ({ step, member, index }: Pick<Part, 'step' | 'member' | 'index'>): string => `${step} ${member} ${index}`
