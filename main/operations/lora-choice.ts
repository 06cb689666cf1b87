// `FILE=WEIGHT`: an adapter and how strongly it acts.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { openAdapter, readAdapter, type ModuleShapes } from '../../engine/adapter-formats/read.ts'
import { openRegular } from '../../engine/files/regular-file.ts'
import { skippedReasons } from '../../engine/adapters/adapter.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import type { WarningEvent } from './events.ts'

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

export interface LoadedLora {
  readonly entry: StackEntry
  /** By which galleries find the file again. */
  readonly hash: string
}

/** Reads the adapters; what of them cannot be used becomes one warning each. */
export async function loadLoras(
  choices: readonly LoraChoice[],
  modules: ModuleShapes,
  warn: (event: WarningEvent) => void,
): Promise<LoadedLora[]> {
  const loaded: LoadedLora[] = []
  for (const { file, weight, textWeight, enabled, ignored = [] } of choices) {
    tellIgnored(file, ignored, warn)
    const adapter = await readAdapter(file, modules)
    if (adapter.skipped.length > 0) {
      const reasons = skippedReasons(adapter.skipped)
      const message = `"${file}": ${adapter.skipped.length} of its tensors are not used. ${reasons.slice(0, 3).join(' ')}`
      warn({ type: 'warning', code: 'adapter-partly-used', message, facts: { file, skipped: adapter.skipped.length, reasons } })
    }
    const strengths = { weight, ...(textWeight === undefined ? {} : { textWeight }) }
    loaded.push({ entry: { adapter, ...strengths, enabled }, hash: await loraHash(file, adapter.metadata.sshs_model_hash) })
  }
  return loaded
}

/** Warns of what a tag of a prompt asks for and does not get. */
export function tellIgnored(file: string, ignored: readonly string[], warn: (event: WarningEvent) => void): void {
  if (ignored.length === 0) return
  const message = `"${file}": its tag in the prompt has options that do nothing here: ${ignored.join(' · ')}`
  warn({ type: 'warning', code: 'lora-options', message, facts: { file, ignored } })
}

/** A1111's short hash: kohya's `sshs_model_hash`, or else SHA-256 of everything behind the header, of each file of a folder; 12 digits. */
async function loraHash(path: string, known: string | undefined): Promise<string> {
  if (known !== undefined && /^[0-9a-f]{12,64}$/i.test(known)) return known.slice(0, 12)
  const hash = createHash('sha256')
  for (const { path: file, headerLength } of (await openAdapter(path)).files)
    for await (const chunk of (await openRegular(file)).createReadStream({ start: 8 + headerLength })) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 12)
}
