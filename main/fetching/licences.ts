// Licences by the names that hubs give them, and what they ask for in a sentence.
import { z } from 'zod'
import known from './licences.json' with { type: 'json' }
import type { Licence } from './plan.ts'

const list = z.record(z.string(), z.object({ name: z.string(), link: z.string(), sentence: z.string() })).parse(known)

/** One of a hub's; what it does not tell is said so, and its page is where a person reads on. */
export function licenceCalled(
  id: string | undefined,
  page: string,
  own: { readonly name?: string | undefined; readonly link?: string | undefined } = {},
): Licence {
  const found = id === undefined ? undefined : list[id.toLowerCase()]
  if (own.name !== undefined || own.link !== undefined)
    return {
      name: own.name ?? found?.name ?? id ?? '',
      link: own.link ?? found?.link ?? page,
      ...(found && own.name === undefined ? { sentence: found.sentence } : {}),
    }
  if (found) return found
  return { name: id ?? '', link: page }
}
