import { PigmentError } from '../../engine/requests/error.ts'

/** What is looked up before the work itself may be waited for by nobody. Throws `cancelled`. */
export function orStopped<T>(looking: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    const stop = (): void => fail(new PigmentError('cancelled', 'Stopped before it began.', {}))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    looking.then(done, fail).finally(() => signal.removeEventListener('abort', stop))
  })
}
