// How the regions of adapters are drawn.
import { z } from 'zod'
import type {} from './option.ts'

export const regionFields = {
  regionFeather: z
    .number()
    .min(0)
    .max(256)
    .default(0)
    .meta({
      description: 'pixels over which the borders of the regions of adapters are softened',
      placeholder: 'X',
      group: 'stack',
      unit: 'px',
      step: 1,
      written: 'Region feather',
      axis: { sign: 'Region feather', usual: '0, 4, 16' },
      adapters: true,
    }),
}
