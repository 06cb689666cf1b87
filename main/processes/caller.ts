// Whoever does operations on request: a worker process, or this very process.
import type { CallOptions } from './worker-process.ts'
import type { OperationContext, OperationEvent, OperationInput, OperationOutput, Operations } from './operation.ts'

export interface Caller<Of extends Operations> {
  call<Name extends keyof Of & string>(
    name: Name,
    input: OperationInput<Of[Name]>,
    options?: CallOptions<OperationEvent<Of[Name]>>,
  ): Promise<OperationOutput<Of[Name]>>
  /** The next call begins in a process in which nothing was done yet, unless one is under way; where there is no process of its own, nothing happens. */
  renew?(): void
}

/** Does them here, loaded with the first call: for a terminal, which has no worker. */
export function callsHere<Of extends Operations>(load: () => Promise<Of>): Caller<Of> {
  return {
    async call(name, input, { signal = new AbortController().signal, onEvent = () => undefined } = {}) {
      const context: OperationContext<unknown> = { signal, emit: onEvent as (event: unknown) => void, onNotify: () => undefined }
      const operation = (await load())[name]
      if (!operation) throw new Error(`There is no operation "${name}".`)
      // The types of a name's input, events and answer are those of its operation, which the map alone cannot say.
      return operation(input as never, context) as Promise<OperationOutput<Of[typeof name]>>
    },
  }
}
