// `FILE=WEIGHT`, `FILE=0.8:te=0.5:lbw=INS:stop=10`: an adapter and how strongly it acts.
import { z } from 'zod'
import { blockWeights, readBlockWeights } from '../../engine/requests/block-weights.ts'
import { readCourse, strengthCourse } from '../../engine/requests/strength-course.ts'
import { PigmentError } from '../../engine/requests/error.ts'

const strength = z.number().min(-100).max(100)
const loraObject = z.object({
  file: z.string().min(1),
  weight: strength.default(1),
  /** In the text encoders, where it is another. */
  textWeight: strength.optional(),
  blocks: blockWeights.optional(),
  enabled: z.boolean().default(true),
})
/** Where a picture is drawn, a strength may change over its steps. */
const drawnObject = loraObject.extend(strengthCourse)
/** With what a tag of a prompt asks for beside, which does nothing here. */
export type LoraChoice = z.infer<typeof drawnObject> & { readonly ignored?: readonly string[] | undefined }

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)$/

/** As text or as an object. A file name may hold `=` and `:` itself: only a number behind the last one, perhaps with options, is a weight. */
export const loraChoice = z.union([loraObject, inText(loraObject, 'te|unet|lbw')])
export const drawnLora = z.union([drawnObject, inText(drawnObject, 'te|unet|lbw|start|stop|step|curve')])

function inText(choice: typeof loraObject, keys: string) {
  return z.string().transform((text, context): LoraChoice => {
    const refuse = (message: string): never => {
      context.issues.push({ code: 'custom', input: text, message })
      return z.NEVER
    }
    const { file, weight, given } = partsOf(text, keys)
    if (given.size === 0 && weight === undefined) return choice.parse({ file })
    for (const [what, value] of [['weight', weight ?? '1'], ...[...given].filter(([key]) => key === 'te' || key === 'unet')] as const) {
      if (!number.test(value))
        return refuse(
          `the ${what} "${value}" is not a number; write FILE=WEIGHT, e.g. style.safetensors=0.8 or style.safetensors=0.8:te=0.5:lbw=OUTALL`,
        )
      if (!strength.safeParse(Number(value)).success) return refuse(`the ${what} ${value} must lie between -100 and 100`)
    }
    const [te, lbw] = [given.get('te'), given.get('lbw')]
    try {
      return choice.parse({
        file,
        weight: Number(given.get('unet') ?? weight ?? 1),
        ...(te === undefined && given.has('unet') ? { textWeight: Number(weight ?? 1) } : {}),
        ...(te === undefined ? {} : { textWeight: Number(te) }),
        ...(lbw === undefined ? {} : { blocks: readBlockWeights(lbw) }),
        ...readCourse(Object.fromEntries(given)),
      })
    } catch (error) {
      // Whoever tells it ends the sentence.
      if (error instanceof PigmentError) return refuse(error.message.replace(/\.$/, ''))
      throw error
    }
  })
}

/** The file, the number behind it, and the options behind that by name. */
function partsOf(text: string, keys: string): { file: string; weight?: string; given: ReadonlyMap<string, string> } {
  const given = new Map<string, string>()
  const option = new RegExp(`^(.*):(${keys})=([^:]*)$`, 's')
  let rest = text
  for (;;) {
    const [, before, key = '', value = ''] = option.exec(rest) ?? []
    if (before === undefined) break
    given.set(key, value)
    rest = before
  }
  const at = rest.lastIndexOf('=')
  const tail = rest.slice(at + 1)
  // What may go on as a path is part of the name.
  if (at <= 0 || /[./\\]/.test(tail.replace(number, ''))) return { file: rest, given }
  return { file: rest.slice(0, at), weight: tail, given }
}
