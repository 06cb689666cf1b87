// Pictures of one form, with seeds one after another; each has texts of its own where the form leaves a choice.
import type { z } from 'zod'
import type { storedForm } from '../api/methods/generate.ts'
import { drawnForm, type DrawnForm, type PromptSource } from '../operations/drawn-form.ts'

type Form = z.output<typeof storedForm>

/** Throws as `drawnForm`. */
export const seriesOf = (form: Form, count: number, source: PromptSource): Promise<DrawnForm<Form>[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => drawnForm({ ...form, seed: form.seed + i }, source)))
