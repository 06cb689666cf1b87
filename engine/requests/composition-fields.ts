// How several adapters of a stack act together.
import { z } from 'zod'
import { compositionNames } from './composition-names.ts'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'

export const compositionFields = {
  composition: z
    .enum(compositionNames)
    .default('sum')
    .meta({
      description: 'how several adapters act together',
      placeholder: 'NAME',
      group: 'stack',
      level: 'basic',
      written: 'Adapter composition',
      axis: { sign: 'Composition' },
      adapters: true,
    }),
  compositionOptions: ownOptions.optional().meta({ description: 'an option of the composition; can be given several times' }),
}
