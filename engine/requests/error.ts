// The one error of the engine: a record that crosses every border (process, HTTP, IPC, terminal) as plain data.

/** What went wrong, as plain data: a stable code, the facts, and a sentence that says what, where, expected, got, and what to do. */
export interface ErrorRecord {
  readonly code: string
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Thrown everywhere in the engine instead of a bare Error. `code` is stable (kebab-case), `facts` are JSON-safe. */
export class PigmentError extends Error {
  readonly code: string
  readonly facts: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, facts: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'PigmentError'
    this.code = code
    this.facts = facts
  }
  record(): ErrorRecord {
    return { code: this.code, message: this.message, facts: this.facts }
  }
}

/** Any thrown thing as a record; what is not ours keeps its text under the code `unexpected`. */
export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof PigmentError) return error.record()
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'unexpected', message, facts: error instanceof Error && error.stack ? { stack: error.stack } : {} }
}
