// What captions are asked for, whoever says them: plain data.
import { z } from 'zod'

export const captionTemplate = z.string().max(2000)
export const captionFields = {
  template: captionTemplate.default('{tags}').meta({
    description:
      'what is written: {tags} is what was said (with template: the caption that is there), {trigger}, {name} and {folder} are words',
    placeholder: 'TEXT',
  }),
  overwrite: z
    .boolean()
    .default(false)
    .meta({ description: 'write over captions that are there, too; without it those pictures are left alone' }),
  add: z.enum(['start', 'end']).optional().meta({
    description: 'add to captions that are there, before or behind what they say, instead of leaving those pictures alone',
    placeholder: 'start|end',
  }),
} as const
