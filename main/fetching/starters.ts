// A short list to begin with. Nothing is asked of anybody for it: sizes are rounded, and what it takes in memory follows from the shapes of its family.
import { z } from 'zod'
import type { Family } from '../../engine/checkpoint/config.ts'
import { familyCalled } from '../../engine/models/family-called.ts'
import { clipModules } from '../../engine/models/keys/clip-modules.ts'
import { tensorShapes, type ModuleShape } from '../../engine/models/keys/modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { publishedVae } from '../../engine/models/published.ts'
import { families } from '../../engine/models/families/index.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import type { Starter } from '../api/methods/fetching.ts'
import { memoryOf } from '../stores/models.ts'
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

/** `hub` is where their pages are. */
export const starters = (hub: string): readonly Starter[] =>
  list.map(({ licence, family, ...rest }) => {
    const page = `${hub}/${rest.link.split(':')[0]}`
    return {
      ...rest,
      family: familyCalled(family).title,
      page,
      licence: licenceCalled(licence, page),
      memoryBytes: memoryOf(sizesOf(family)),
    }
  })

const counted = (modules: readonly ModuleShape[]): number =>
  [...tensorShapes(modules).values()].reduce((sum, shape) => sum + elementCount(shape), 0)

const known = new Map<Family, { readonly parameters: number; readonly unetParameters: number; readonly side: number }>()

/** Of a published model of the family. */
function sizesOf(name: Family): Parameters<typeof memoryOf>[0] {
  const { published } = familyCalled(name)
  const found = known.get(name)
  if (found) return found
  const unetParameters = counted(unetModules(published.unet))
  const texts = published.textEncoders.reduce((sum, config) => sum + counted(clipModules(config)), 0)
  const side = published.unet.sampleSize * 8
  const sizes = { parameters: unetParameters + texts + counted(vaeModules(publishedVae)), unetParameters, side }
  known.set(name, sizes)
  return sizes
}
