// One adapter by several workers: each is asked for its share, and the first that has the result has that of all.
import type { Caller } from '../processes/caller.ts'
import type { OperationEvent, OperationInput, OperationOutput } from '../processes/operation.ts'
import type { EngineOperations } from './engine/index.ts'

type Train = EngineOperations['train']
interface Watching {
  readonly signal: AbortSignal
  readonly onEvent: (event: OperationEvent<Train>) => void
}

export async function trainTogether(
  engine: Caller<EngineOperations>,
  task: OperationInput<Train>,
  size: number,
  { signal, onEvent }: Watching,
): Promise<OperationOutput<Train>> {
  if (size === 1) return engine.call('train', task, { signal, onEvent })
  // Who is asked to stop saves what there is; who is needed no more, does not.
  const stops = Array.from({ length: size }, () => new AbortController())
  const stop = (): void => stops.forEach((one) => one.abort())
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const calls = stops.map((own, rank) =>
    engine.call('train', { ...task, together: { rank, size } }, { signal: own.signal, ...(rank === 0 ? { onEvent } : {}) }),
  )
  try {
    return await Promise.race(calls)
  } finally {
    signal.removeEventListener('abort', stop)
    if (!signal.aborted) for (const own of stops) own.abort('at-once')
    await Promise.allSettled(calls)
  }
}
