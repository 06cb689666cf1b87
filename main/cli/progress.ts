// Progress for a person: one line that redraws itself on a terminal, now and then a plain line elsewhere.
import { byteSize } from '../../engine/requests/byte-size.ts'
import type { EmittedRecord } from '../api/command.ts'
import { plainLine } from './plain-text.ts'
import { clock, pace, quantity } from './units.ts'
import { watchLine } from './watch-lines.ts'

export interface ProgressOutput {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly columns: number
}

const redrawEvery = 100
const lineEvery = 5000
const barWidth = 24

export class Progress {
  readonly #output: ProgressOutput
  readonly #now: () => number
  #drawn = false
  #last = -Infinity
  #loss: number | undefined

  constructor(output: ProgressOutput, now: () => number = () => performance.now()) {
    this.#output = output
    this.#now = now
  }

  show(record: EmittedRecord): void {
    switch (record.type) {
      case 'warning':
        return this.say(`Warning: ${text(record.message)}`)
      case 'note':
        return this.say(text(record.message))
      // Of a job of the studio; its beginning and its end are seen.
      case 'log':
        return record.code === 'started' || record.code === 'done' ? undefined : this.say(text(record.text))
      case 'sampled':
        return this.say(`Sample of step ${number(record.step)}: ${text(record.out)}`)
      case 'start':
        this.#loss = undefined
        return this.say(started(record))
      case 'prepare':
        return this.#bar(text(record.stage), number(record.done), number(record.total), [], false)
      case 'transfer':
        return this.#transfer(record)
      case 'step':
        return this.#step(record)
      default: {
        const line = watchLine(record)
        if (line !== '') this.say(line)
      }
    }
  }

  /** A whole line; the bar makes room. */
  say(line: string): void {
    this.clear()
    this.#output.write(`${plainLine(line, 1000)}\n`)
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#drawn) this.#output.write('\r\x1b[2K')
    this.#drawn = false
  }

  #step(record: EmittedRecord): void {
    const [step, steps, rate] = [number(record.step), number(record.steps), number(record.rate)]
    const parts: string[] = []
    if (typeof record.loss === 'number') {
      // The loss of one batch says little; the eye wants its drift.
      this.#loss = this.#loss === undefined ? record.loss : this.#loss + 0.05 * (record.loss - this.#loss)
      parts.push(`loss ${this.#loss.toFixed(4)}`)
    }
    if (typeof record.lr === 'number') parts.push(`lr ${quantity(record.lr)}`)
    parts.push(pace(rate), `ETA ${clock(typeof record.eta === 'number' ? record.eta : (steps - step) / rate)}`)
    if (typeof record.memory === 'number') parts.push(byteSize(record.memory))
    this.#bar(typeof record.label === 'string' ? record.label : 'step', step, steps, parts, step === steps)
  }

  #transfer(record: EmittedRecord): void {
    const [done, total] = [number(record.doneBytes), number(record.totalBytes)]
    const parts = typeof record.eta === 'number' ? [`ETA ${clock(record.eta)}`] : []
    this.#bar(text(record.label), done, total, parts, done === total, byteSize)
  }

  #bar(
    label: string,
    done: number,
    total: number,
    parts: readonly string[],
    last: boolean,
    told: (count: number) => string = String,
  ): void {
    const now = this.#now()
    const due = now - this.#last >= (this.#output.isTerminal ? redrawEvery : lineEvery)
    if (!due && !last) return
    this.#last = now
    const counted = `${plainLine(label, 30)} ${told(done)}/${told(total)}`
    if (!this.#output.isTerminal) return this.#output.write(`${[counted, ...parts].join('  ')}\n`)
    const filled = total > 0 ? Math.round((done / total) * barWidth) : 0
    const line = [`[${'█'.repeat(filled)}${'░'.repeat(Math.max(0, barWidth - filled))}]`, counted, ...parts].join('  ')
    this.#output.write(
      `\r\x1b[2K${Array.from(line)
        .slice(0, Math.max(10, this.#output.columns - 1))
        .join('')}`,
    )
    this.#drawn = true
  }
}

function started(record: EmittedRecord): string {
  const [trainable, total, step] = [number(record.trainable), number(record.total), number(record.step)]
  const resumed = step > 0 ? ` Resuming after step ${step}.` : ''
  return `Training ${trainable} of ${total} parameters (${quantity((trainable / Math.max(total, 1)) * 100)} %) on ${number(record.pictures)} pictures.${resumed}`
}

const number = (value: unknown): number => (typeof value === 'number' ? value : NaN)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
