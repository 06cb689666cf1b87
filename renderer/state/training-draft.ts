// The form of a run as it is remembered from one opening of the page to the next.
import { z } from 'zod'

const draft = z.object({
  name: z.string().max(120).catch(''),
  /** The name that came with a set, so that another set's may take its place. */
  given: z.string().catch(''),
  dataset: z.string().catch(''),
  preset: z.string().max(120).catch('balanced'),
  values: z.record(z.string(), z.unknown()).catch({}),
  /** What does not fit of a set is told on the form; one without a folder is none. */
  further: z.array(z.looseObject({ folder: z.string() })).catch([]),
  model: z.string().optional().catch(undefined),
  prompts: z.string().optional().catch(undefined),
  every: z.number().optional().catch(undefined),
  taken: z.string().catch(''),
})

/** What was written down, perhaps by another version: what does not fit is left to what is usual. */
export function rememberedTraining(text: string): z.output<typeof draft> {
  try {
    return draft.parse(JSON.parse(text))
  } catch {
    return draft.parse({})
  }
}
