import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { captionerFields } from '../../engine/captioning/all-options.ts'
import { captionersByName } from '../../engine/captioning/find-captioner.ts'
import { captionFields } from '../../engine/requests/captioning.ts'
import { leftOpen } from '../../engine/requests/option.ts'
import { captionForm } from '../api/methods/captioning.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import { captionPreview } from '../studio/caption-preview.ts'
import { hostCommand } from '../studio/command.ts'
import type { Parts } from '../studio/parts.ts'
import { startCaptions } from '../studio/start-captions.ts'

interface DryRun {
  /** Pictures that would be asked about, and those that are left alone for the captions that they have. */
  readonly asked: number
  readonly kept: number
  readonly changes: readonly { readonly path: string; readonly before: string; readonly after: string; readonly error?: string }[]
}

const names = captionersByName.map(({ name }) => name)
/** A folder by its whole path: the studio that answers may have been started elsewhere. */
const absolute = (text: string): string => (/[\\/]|^\.{1,2}$/.test(text) || existsSync(text) ? resolve(text) : text)
const place = z.string().min(1).max(4096)
/** What is not given is the captioner's own default; what it does not have is refused. */
const options = Object.fromEntries(Object.entries(captionerFields).map(([key, field]) => [key, leftOpen(field as z.ZodDefault<z.ZodType>)]))

export const caption = hostCommand({
  summary: 'Write captions for the pictures of a set, by a tagger or captioner in a folder of yours, or by names and a template.',
  order: 2.5,
  positional: 'set',
  waits: true,
  input: z.strictObject({
    set: place.transform(absolute).meta({ description: 'a folder of pictures, or the name of a set of the studio', placeholder: 'SET' }),
    with: place
      .transform((text) => (names.includes(text) ? text : absolute(text)))
      .meta({ description: `who says them: ${names.join(', ')}, or the folder of a model (docs/captioners.md)`, placeholder: 'NAME|DIR' }),
    ...captionFields,
    trigger: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'what {trigger} stands for', placeholder: 'WORD', fallback: "the set's own" }),
    dryRun: z
      .int()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'show what the first N pictures would get, and write nothing', placeholder: 'N' }),
    ...options,
  }),
  async run(studio, { set, dryRun, with: way, template, overwrite, add, trigger, ...others }): Promise<DryRun | JobSummary> {
    const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
    const dataset = await datasetCalled(studio, set)
    const form = captionForm.parse({ dataset, with: way, options: given, template, overwrite, add, trigger })
    if (dryRun === undefined) return startCaptions(studio, form)
    const { changes, ...counts } = await captionPreview(studio, form, dryRun)
    return {
      ...counts,
      changes: changes.map(({ path, before, after, error }) => ({ path, before, after, ...(error ? { error: error.message } : {}) })),
    }
  },
})

/** A set of the list by its id, name or folder; a folder that is not in it comes into it, and is worked in where it is. */
async function datasetCalled({ datasets }: Pick<Parts, 'datasets'>, set: string): Promise<string> {
  const known = datasets.list().find(({ id, name, path }) => set === id || set === name || resolve(path) === set)
  return (known ?? (await datasets.add(basename(set), set, false))).id
}
