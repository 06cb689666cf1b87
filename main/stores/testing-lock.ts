// Processes that all want one data folder at once, round after round; after each the owner is killed without a word.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { PigmentError } from '../../engine/requests/error.ts'
import { lockFolder } from './lock.ts'

/** What one process came to: the folder, or why not. */
export interface Outcome {
  readonly pid: number
  readonly refused?: { readonly code: string; readonly process?: number }
}

/** The outcomes of each round. */
export async function* contend(folder: string, processes: number, rounds: number): AsyncGenerator<readonly Outcome[]> {
  const start = async (): Promise<ChildProcess> => {
    const child = fork(import.meta.filename, [folder], { execArgv: ['--disable-warning=ExperimentalWarning'] })
    await once(child, 'message')
    return child
  }
  const children = await Promise.all(Array.from({ length: processes }, start))
  try {
    for (let round = 0; round < rounds; round++) {
      const outcomes = await Promise.all(
        children.map(async (child) => {
          const answered = once(child, 'message') as Promise<[Omit<Outcome, 'pid'>]>
          child.send('take')
          return { ...(await answered)[0], pid: child.pid ?? 0 }
        }),
      )
      yield outcomes
      for (const [i, { refused }] of outcomes.entries()) {
        const owner = children[i]
        if (refused || !owner) continue
        owner.kill('SIGKILL')
        await once(owner, 'exit')
        children[i] = await start()
      }
    }
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

if (process.argv[1] === import.meta.filename && process.send) {
  const say = (message: object): void => void process.send?.(message)
  process.on('message', () => {
    lockFolder(process.argv[2] ?? '').then(
      () => say({}),
      (error: unknown) =>
        say({ refused: error instanceof PigmentError ? { code: error.code, process: error.facts.process } : { code: String(error) } }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  say({})
}
