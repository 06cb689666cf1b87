// A process that takes its steps when it is asked to: the engine's or the other side's.
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Taken {
  /** Milliseconds by the clock, and of all its threads. */
  readonly wall: number
  readonly cpu: number
}

export class Side {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  constructor(command: string, words: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, words, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    process.once('exit', () => this.#child.kill('SIGKILL'))
    if (!this.#child.stdout) throw new Error('The process has no stdout.')
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** From the start of the process to the end of its first step. */
  async first(): Promise<Taken> {
    const { first = NaN, firstCpu = NaN } = await this.#read()
    return { wall: first, cpu: firstCpu }
  }

  async step(): Promise<Taken> {
    this.#child.stdin?.write('step\n')
    const { wall = NaN, cpu = NaN } = await this.#read()
    return { wall, cpu }
  }

  /** Its largest resident memory in bytes, at its end. */
  async end(): Promise<number> {
    this.#child.stdin?.write('end\n')
    const { peak = NaN } = await this.#read()
    this.#child.kill('SIGKILL')
    return peak
  }

  /** Words of others between the lines are passed over. */
  async #read(): Promise<Readonly<Record<string, number>>> {
    for (;;) {
      const line = await this.#lines.next()
      if (line.done) throw new Error(`${this.#child.spawnargs.join(' ')} ended before its time.`)
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Record<string, number>
    }
  }
}

export interface Measured {
  readonly first: Taken
  readonly steps: readonly Taken[]
  readonly peak: number
}

/** Steps of both in turn, each first in half of the pairs; `apart`: one after the other, so that one of them is in memory at a time. */
export async function measuredInTurn(
  starts: readonly [() => Side, () => Side],
  steps: number,
  apart: boolean,
): Promise<readonly [Measured, Measured]> {
  if (apart) return [await alone(starts[0], steps), await alone(starts[1], steps)]
  const one = starts[0]()
  const firstOfOne = await one.first()
  const other = starts[1]()
  const firstOfOther = await other.first()
  const [ofOne, ofOther]: [Taken[], Taken[]] = [[], []]
  for (let i = 0; i < steps; i++) {
    if (i % 2 === 0) ofOne.push(await one.step())
    ofOther.push(await other.step())
    if (i % 2 === 1) ofOne.push(await one.step())
  }
  return [
    { first: firstOfOne, steps: ofOne, peak: await one.end() },
    { first: firstOfOther, steps: ofOther, peak: await other.end() },
  ]
}

async function alone(start: () => Side, count: number): Promise<Measured> {
  const side = start()
  const first = await side.first()
  const steps: Taken[] = []
  for (let i = 0; i < count; i++) steps.push(await side.step())
  return { first, steps, peak: await side.end() }
}
