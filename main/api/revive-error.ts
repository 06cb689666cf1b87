import { PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import type { Reply } from './transport.ts'

/** The value of a reply, or its error thrown as what it was. */
export function unwrap(reply: Reply): unknown {
  if (reply.ok) return reply.value
  throw reviveError(reply.error)
}

export function reviveError({ code, message, facts }: ErrorRecord): PigmentError {
  return new PigmentError(code, message, { ...facts })
}
