// What a worker process does: an operation takes plain data and gives plain data. A map of them by name is the type of all calls into that process.

/** What an operation may say and hear while it runs. */
export interface OperationContext<Event = never> {
  readonly signal: AbortSignal
  readonly emit: (event: Event) => void
  /** Hears what the owner says meanwhile, e.g. `sample`. */
  onNotify(listener: (what: string) => void): void
}
export type Operation = (input: never, context: OperationContext<unknown>) => unknown
export type Operations = Readonly<Record<string, Operation>>

export type OperationInput<Of extends Operation> = Of extends (input: infer Input, context: never) => unknown ? Input : never
export type OperationOutput<Of extends Operation> = Awaited<ReturnType<Of>>
/** `never` where it takes no context. */
export type OperationEvent<Of extends Operation> = Of extends (input: never, context: infer Context) => unknown
  ? Context extends { readonly emit: (event: infer Event) => void }
    ? Event
    : never
  : never
