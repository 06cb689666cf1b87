// Many pictures at a time, none of which spoils the others.
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { OperationContext } from '../processes/operation.ts'

/** How many of the pictures are done. */
export interface Counted {
  readonly done: number
  readonly total: number
}

const atOnce = 4

/** Of each picture what `work` gives, or why it failed, in their order. */
export async function eachPicture<T>(
  paths: readonly string[],
  work: (path: string) => Promise<T>,
  { signal, emit }: OperationContext<Counted>,
): Promise<(T | { error: ErrorRecord })[]> {
  const results: (T | { error: ErrorRecord })[] = Array.from({ length: paths.length })
  let done = 0
  const pending = paths.entries()
  const worker = async (): Promise<void> => {
    for (const [i, path] of pending) {
      signal.throwIfAborted()
      results[i] = await work(path).catch((error: unknown) => ({ error: errorRecord(error) }))
      emit({ done: ++done, total: paths.length })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
