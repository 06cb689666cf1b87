// What other programs write beside an adapter's file, and what is read of it. One kind of file each of this folder.
import { z } from 'zod'

/** Text and numbers of strangers, cut to a length that a screen can show. */
export const besideFacts = z.object({
  /** As its page calls it, and this version of it. */
  model: z.string().optional(),
  version: z.string().optional(),
  creator: z.string().optional(),
  base: z.string().optional(),
  /** Words that it was trained with: each is a way to call it. */
  words: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  description: z.string().optional(),
  notes: z.string().optional(),
  /** The strength that its maker or its owner prefers, and what to write into the negative prompt. */
  weight: z.number().optional(),
  negative: z.string().optional(),
  /** Its page, made here from numbers: an address that a stranger wrote is shown nowhere. */
  link: z.string().optional(),
  /** What its licence allows. */
  licence: z
    .object({
      noCredit: z.boolean().optional(),
      commercial: z.array(z.string()).optional(),
      derivatives: z.boolean().optional(),
      otherLicence: z.boolean().optional(),
    })
    .optional(),
})
export type BesideFacts = z.infer<typeof besideFacts>

export interface BesideFormat {
  readonly name: string
  /** What stands behind the adapter's name, e.g. `.civitai.info`. */
  readonly ending: string
  /** Of its parsed JSON; what is not as expected is left out. */
  read(json: unknown): BesideFacts
}

const longestText = 20_000
const longestWord = 1000
const mostWords = 50

type Fields = Readonly<Record<string, unknown>>
export const fieldsIn = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

export const textIn = (value: unknown, longest = longestText): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, longest) : undefined

export const wordsIn = (value: unknown): string[] | undefined => {
  const words = Array.isArray(value) ? value.flatMap((one: unknown) => textIn(one, longestWord)?.replace(/[\s,]+$/, '') || []) : []
  return words.length > 0 ? [...new Set(words)].slice(0, mostWords) : undefined
}

/** Programs write numbers as texts too. 0 is their way to say none. */
export function numberIn(value: unknown): number | undefined {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof read === 'number' && Number.isFinite(read) && read !== 0 ? read : undefined
}

export const flagIn = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

/** Of CivitAI, by the numbers of a model and of a version of it. */
export function civitaiPage(model: unknown, version: unknown): string | undefined {
  const [of, at] = [model, version].map((one) => (Number.isSafeInteger(one) && Number(one) > 0 ? String(one) : undefined))
  return of === undefined ? undefined : `https://civitai.com/models/${of}${at === undefined ? '' : `?modelVersionId=${at}`}`
}

/** Without what was not there: facts of several files are laid over each other. */
export const known = (facts: { readonly [Key in keyof BesideFacts]: BesideFacts[Key] | undefined }): BesideFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
