// Two processes that take their steps in turn: one stands still while the other computes, so that both meet the machine as it is that second.
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A terminal command with `--json` that reports steps. */
class Stepper {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  constructor(root: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const words = ['--disable-warning=ExperimentalWarning', 'main/cli/main.ts', ...args, '--json', '--device', 'cpu']
    this.#child = spawn(process.execPath, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
    // Whoever stands still would outlive us.
    process.once('exit', () => this.end())
    this.#child.kill('SIGSTOP')
    if (!this.#child.stdout) throw new Error('The process has no stdout.')
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** Goes on until its next step has been told, and stands still again. Gives milliseconds. */
  async step(): Promise<number> {
    const began = performance.now()
    this.#child.kill('SIGCONT')
    for (;;) {
      const line = await this.#lines.next()
      if (line.done) throw new Error(`${this.#child.spawnargs.join(' ')} ended before its steps.`)
      if ((JSON.parse(line.value) as { type: string }).type !== 'step') continue
      this.#child.kill('SIGSTOP')
      return performance.now() - began
    }
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}

export type Pair = readonly [before: number, after: number]

/** `count` pairs of steps of the same command in two trees, after `warm` that are not counted. */
export async function steppedInTurn(
  roots: readonly [string, string],
  args: (side: 'before' | 'after') => readonly string[],
  { count, warm, env = process.env }: { readonly count: number; readonly warm: number; readonly env?: NodeJS.ProcessEnv },
): Promise<Pair[]> {
  const before = new Stepper(roots[0], args('before'), env)
  const after = new Stepper(roots[1], args('after'), env)
  try {
    const pairs: Pair[] = []
    for (let i = 0; i < warm + count; i++) {
      // Each goes first in half of the pairs.
      const first = i % 2 === 0 ? await before.step() : await after.step()
      const second = i % 2 === 0 ? await after.step() : await before.step()
      if (i >= warm) pairs.push(i % 2 === 0 ? [first, second] : [second, first])
    }
    return pairs
  } finally {
    before.end()
    after.end()
  }
}
