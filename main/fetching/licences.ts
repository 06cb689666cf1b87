// Licences by the names that hubs give them, and what they ask for in a sentence.
import { z } from 'zod'
import known from './licences.json' with { type: 'json' }
import type { OfferedLicence } from '../api/methods/fetching.ts'

const list = z.record(z.string(), z.object({ name: z.string(), link: z.string(), sentence: z.string() })).parse(known)

/** Those with words of their own. */
export const knownLicences = Object.keys(list)

/** One of a hub's; what it does not tell is said so, and its page is where a person reads on. */
export function licenceCalled(
  called: string | undefined,
  page: string,
  own: { readonly name?: string | undefined; readonly link?: string | undefined } = {},
): OfferedLicence {
  const id = called?.toLowerCase()
  const found = id === undefined ? undefined : list[id]
  if (found && own.name === undefined) return { id: id ?? '', ...found, link: own.link ?? found.link }
  return { name: own.name ?? called ?? '', link: own.link ?? page }
}
