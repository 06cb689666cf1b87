// A short list to begin with. Nothing is asked of anybody for it; sizes are rounded.
import { z } from 'zod'
import type { Family } from '../../engine/checkpoint/config.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { families } from '../../engine/models/families/index.ts'
import type { Starter } from '../api/methods/fetching.ts'
import { licenceCalled } from './licences.ts'
import listed from './starters.json' with { type: 'json' }

const list = z
  .array(
    z.strictObject({
      id: z.string(),
      link: z.string(),
      title: z.string(),
      kind: z.enum(['model', 'adapter']),
      family: z.enum(families.map(({ name }) => name) as [Family, ...Family[]]),
      bytes: z.int(),
      licence: z.string(),
    }),
  )
  .parse(listed)

/** Those whose models the list is of. */
export const starterFamilies: readonly Family[] = [...new Set(list.map(({ family }) => family))]

/** `hub` is where their pages are; `memory`, what a model of a family takes here, where that is known. */
export const starters = (
  hub: string,
  memory: Readonly<Partial<Record<Family, NonNullable<Starter['memoryBytes']>>>> = {},
): readonly Starter[] =>
  list.map(({ licence, family, ...rest }) => {
    const page = `${hub}/${rest.link.split(':')[0]}`
    const memoryBytes = memory[family]
    return {
      ...rest,
      family: familyCalled(family).title,
      page,
      licence: licenceCalled(licence, page),
      ...(memoryBytes ? { memoryBytes } : {}),
    }
  })
