// `FILE=TOKEN`: a textual inversion and the word that calls it.
import { z } from 'zod'

const embeddingObject = z.object({
  file: z.string().min(1),
  /** In place of the file's name. */
  name: z.string().trim().min(1).max(200).optional(),
})
export type EmbeddingChoice = z.infer<typeof embeddingObject>

/** As text or as an object. What stands behind the last `=` is the word, unless it is the end of a path. */
export const embeddingChoice = z.union([
  embeddingObject,
  z.string().transform((text, context): EmbeddingChoice => {
    const [, file = text, name] = /^(.+)=([^=/\\]*)$/s.exec(text) ?? []
    const parsed = name === undefined || /\.safetensors$/i.test(name) ? { data: { file: text } } : embeddingObject.safeParse({ file, name })
    if (parsed.data) return parsed.data
    context.issues.push({
      code: 'custom',
      input: text,
      message: 'the word behind "=" has 1 to 200 letters; write FILE=TOKEN, or FILE alone',
    })
    return z.NEVER
  }),
])
