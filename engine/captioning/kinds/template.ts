// Nothing of its own: the template alone speaks, and {tags} is the caption that is there.
import { z } from 'zod'
import type { Captioner } from '../captioner.ts'

export const template: Captioner = {
  name: 'template',
  title: 'Template',
  files: [],
  options: z.object({}),
  open: () =>
    Promise.resolve({
      say: ({ caption }) => Promise.resolve(caption),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
}
