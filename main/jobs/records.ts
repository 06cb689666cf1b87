// What each job reported, on disk as lines of JSON: the curve, the samples and the log of a run outlive the process and the window.
import { appendFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diagnosedBy, noDiagnosis, type Diagnosis } from '../../engine/requests/diagnosis.ts'
import type { Recommendation, ValidationPoint } from '../../engine/requests/watch-events.ts'
import type { JobLine } from '../api/methods/jobs.ts'
import type { ForgettingPoint, RunCurve, RunSample } from '../api/methods/training.ts'
import type { JobEvent } from '../api/topics.ts'

interface Line {
  readonly at: number
  readonly event: JobEvent | KeptEvent
}
interface PreparingLine extends Line {
  readonly event: Extract<JobEvent, { readonly type: 'prepare' }>
}
const isPreparing = (line: Line): line is PreparingLine => line.event.type === 'prepare'

/** A sample as it is kept: its file instead of a name for the renderer. */
export interface KeptSample extends Omit<RunSample, 'media'> {
  readonly type?: string
  readonly file: string
}
/** A measurement of what is forgotten, as it is kept. */
export type KeptForgetting = ForgettingPoint & { readonly type?: string; readonly file: string }
/** The weights of one step, kept as an adapter. */
export interface KeptStep {
  readonly step: number
  readonly file: string
}
export interface Told {
  readonly events: number
  readonly curve: RunCurve
  readonly samples: readonly KeptSample[]
  readonly forgetting: readonly KeptForgetting[]
  readonly kept: readonly KeptStep[]
  readonly validation: readonly ValidationPoint[]
  readonly recommendation?: Recommendation
  readonly diagnosis: Diagnosis
  readonly checkpoints: readonly { readonly step: number; readonly at: number }[]
  readonly log: readonly JobLine[]
  readonly latest: readonly JobEvent[]
}

const flushEvery = 500
const mostPoints = 20_000
const mostLines = 2000

export class JobRecords {
  readonly #folder: string
  readonly #waiting = new Map<string, string[]>()
  /** How far a job's preparation is. Kept once it is over: ten thousand pictures are one line. */
  readonly #preparing = new Map<string, PreparingLine>()
  readonly #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Counts on from what earlier sessions told. Once before a job runs. */
  async begin(id: string): Promise<void> {
    if (!this.#counts.has(id)) this.#counts.set(id, (await this.#lines(id)).length)
  }

  /** Keeps an event and gives its index. */
  add(id: string, event: JobEvent | KeptEvent): number {
    const index = this.#counts.get(id) ?? 0
    this.#counts.set(id, index + 1)
    const line: Line = { at: Date.now(), event }
    const before = this.#preparing.get(id)
    this.#preparing.delete(id)
    if (before && !(isPreparing(line) && before.event.stage === line.event.stage)) this.#write(id, before)
    if (isPreparing(line)) this.#preparing.set(id, line)
    else this.#write(id, line)
    return index
  }

  #write(id: string, line: Line): void {
    const lines = this.#waiting.get(id) ?? []
    this.#waiting.set(id, lines)
    lines.push(`${JSON.stringify(line)}\n`)
    this.#timer ??= setTimeout(() => void this.flush(), flushEvery)
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    this.#writing = this.#writing.then(async () => {
      // A full disk costs lines of the curve, not the run.
      for (const [id, lines] of waiting) await appendFile(this.#path(id), lines.join('')).catch(() => undefined)
    })
    await this.#writing
  }

  async tell(id: string): Promise<Told> {
    const lines = await this.#lines(id)
    const points = new Map<number, readonly [number, number, number]>()
    const samples = new Map<string, KeptSample>()
    const forgetting = new Map<number, KeptForgetting>()
    const kept = new Map<number, KeptStep>()
    const validation = new Map<number, ValidationPoint>()
    let recommendation: Recommendation | undefined
    let diagnosis = noDiagnosis
    const checkpoints: { step: number; at: number }[] = []
    const log: JobLine[] = []
    const latest = new Map<string, JobEvent>()
    for (const { at, event } of lines) {
      if (event.type === 'kept-sample') {
        samples.set(`${event.step}-${event.promptIndex}`, event)
        continue
      }
      if (event.type === 'kept-forgetting') {
        forgetting.set(event.step, event)
        continue
      }
      if (event.type === 'kept-adapter') {
        kept.set(event.step, event)
        continue
      }
      latest.set(event.type, event)
      diagnosis = diagnosedBy(diagnosis, event)
      // A run that went back to its checkpoint goes over these steps again.
      if (event.type === 'start') for (const step of [...points.keys()]) if (step > event.step) points.delete(step)
      if (event.type === 'step' && 'loss' in event) points.set(event.step, [event.loss, event.lr, event.gradNorm])
      if (event.type === 'validation') {
        const { type: _type, ...point } = event
        validation.set(event.step, point)
      }
      if (event.type === 'recommendation') {
        const { type: _type, ...told } = event
        recommendation = told
      }
      if (event.type === 'checkpoint') checkpoints.push({ step: event.step, at })
      if (event.type === 'warning') log.push({ at, level: 'warning', text: event.message, code: event.code, facts: event.facts })
      if (event.type === 'log') {
        const { type: _type, ...line } = event
        log.push(line)
      }
    }
    return {
      events: this.#counts.get(id) ?? lines.length,
      curve: curveOf(points),
      samples: [...samples.values()].sort((a, b) => a.step - b.step || a.promptIndex - b.promptIndex),
      forgetting: [...forgetting.values()].sort((a, b) => a.step - b.step),
      kept: [...kept.values()].sort((a, b) => a.step - b.step),
      validation: [...validation.values()].sort((a, b) => a.step - b.step),
      ...(recommendation ? { recommendation } : {}),
      diagnosis,
      checkpoints,
      log: log.slice(-mostLines),
      latest: [...latest.values()],
    }
  }

  async remove(id: string): Promise<void> {
    await this.leave(id)
    await rm(this.#path(id), { force: true })
  }

  /** Its file, whole, and no more written to: to be moved elsewhere. */
  async leave(id: string): Promise<string> {
    await this.flush()
    this.#preparing.delete(id)
    this.#counts.delete(id)
    return this.#path(id)
  }

  async #lines(id: string): Promise<Line[]> {
    await this.flush()
    const text = await readFile(this.#path(id), 'utf8').catch(() => '')
    const preparing = this.#preparing.get(id)
    const kept = text.split('\n').flatMap((line) => {
      // A torn line, e.g. of a power cut, is passed over.
      try {
        return line === '' ? [] : [JSON.parse(line) as Line]
      } catch {
        return []
      }
    })
    return preparing ? [...kept, preparing] : kept
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.events.jsonl`)
  }
}

export type KeptEvent =
  | ({ readonly type: 'kept-sample' } & KeptSample)
  | ({ readonly type: 'kept-forgetting' } & KeptForgetting)
  | ({ readonly type: 'kept-adapter' } & KeptStep)

function curveOf(points: ReadonlyMap<number, readonly [number, number, number]>): RunCurve {
  const steps = [...points.keys()].sort((a, b) => a - b)
  const stride = Math.ceil(steps.length / mostPoints) || 1
  const shown = steps.filter((_, i) => i % stride === 0 || i === steps.length - 1)
  const column = (at: 0 | 1 | 2): number[] => shown.map((step) => points.get(step)?.[at] ?? NaN)
  return { step: shown, loss: column(0), lr: column(1), gradNorm: column(2) }
}
