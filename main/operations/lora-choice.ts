// `FILE=WEIGHT`: an adapter and how strongly it acts.
import { z } from 'zod'

const loraObject = z.object({
  file: z.string().min(1),
  weight: z.number().min(-100).max(100).default(1),
  /** In the text encoders, where it is another. */
  textWeight: z.number().min(-100).max(100).optional(),
  enabled: z.boolean().default(true),
})
/** With what a tag of a prompt asks for beside, which does nothing here. */
export type LoraChoice = z.infer<typeof loraObject> & { readonly ignored?: readonly string[] | undefined }

const weighted = /^(.+)=([+-]?(?:\d+\.?\d*|\.\d+))$/s

/** As text or as an object. A file name may hold `=` itself: only a number behind the last one is a weight. */
export const loraChoice = z.union([
  loraObject,
  z.string().transform((text, context): LoraChoice => {
    const [, file = text, weight = '1'] = weighted.exec(text) ?? []
    const tail = text.slice(text.lastIndexOf('=') + 1)
    if (file === text && text.includes('=') && !/[./\\]/.test(tail))
      context.issues.push({
        code: 'custom',
        input: text,
        message: `the weight "${tail}" is not a number; write FILE=WEIGHT, e.g. style.safetensors=0.8`,
      })
    const parsed = loraObject.safeParse({ file, weight: Number(weight) })
    if (parsed.success) return parsed.data
    context.issues.push({ code: 'custom', input: text, message: `the weight ${weight} must lie between -100 and 100` })
    return z.NEVER
  }),
])
