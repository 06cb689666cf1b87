// Failed calls as cards: one for each code, which counts, and which goes when what failed succeeds.
import type { ErrorRecord } from '../../engine/requests/error.ts'
import type { Transport } from '../../main/api/transport.ts'

export interface FailureCard {
  readonly code: string
  /** The newest first; of those that say the same, one. */
  readonly errors: readonly ErrorRecord[]
  readonly times: number
  /** The calls that failed. */
  readonly calls: readonly string[]
}

/** What a call is about, so that a caption that was saved does not hide that another was not. */
const subjects = ['dataset', 'item', 'adapter', 'model', 'job', 'run', 'picture'] as const

export function callOf(method: string, input: unknown): string {
  const fields = (input ?? {}) as Readonly<Record<string, unknown>>
  return [method, ...subjects.flatMap((name) => (typeof fields[name] === 'string' ? [`${name} ${String(fields[name])}`] : []))].join(', ')
}

/** The card with one more failure; `undefined`: it is the first of its code. */
export function added(card: FailureCard | undefined, error: ErrorRecord, call: string): FailureCard {
  const others = (card?.errors ?? []).filter(({ message }) => message !== error.message)
  const calls = (card?.calls ?? []).filter((one) => one !== call)
  return { code: error.code, errors: [error, ...others], times: (card?.times ?? 0) + 1, calls: [...calls, call] }
}

/** The card after a call succeeded; nothing where that was all that had failed. */
export function settled(card: FailureCard, call: string): FailureCard | undefined {
  // Whatever succeeds has reached the host.
  if (card.code === 'host-unreachable') return undefined
  const calls = card.calls.filter((one) => one !== call)
  if (calls.length === card.calls.length) return card
  return calls.length > 0 ? { ...card, calls } : undefined
}

const callsOfErrors = new WeakMap<object, string>()

/** The call that an error came from; one that came from none is about itself. */
export const callOfError = (error: unknown): string => (typeof error === 'object' && error !== null ? (callsOfErrors.get(error) ?? '') : '')

/** The transport, with each call's success told and each failure's call remembered. */
export function watched(transport: Transport, succeeded: (call: string) => void): Transport {
  return {
    async invoke(method, input) {
      const call = callOf(method, input)
      try {
        const value = await transport.invoke(method, input)
        succeeded(call)
        return value
      } catch (error) {
        if (typeof error === 'object' && error !== null) callsOfErrors.set(error, call)
        throw error
      }
    },
    subscribe: (topic, listener) => transport.subscribe(topic, listener),
    connection: (listener) => transport.connection(listener),
    drop: (files, progress) => transport.drop(files, progress),
    media: (id, side) => transport.media(id, side),
  }
}
