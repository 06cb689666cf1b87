// The cells of a terminal's grid as they are drawn: texts, adapters and options are known, and refused, before a model is opened.
import { stat } from 'node:fs/promises'
import { checkSampling, promptsAsked, stepPlan } from '../../engine/conditions/chosen.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { parsePrompt } from '../api/prompt.ts'
import { filesCalled } from './called-files.ts'
import { drawnForm, type PromptSource, type Templates } from './drawn-form.ts'
import type { GridCell } from './grid-plan.ts'
import type { LoraChoice } from './lora-choice.ts'
import { findMentioned } from './mentioned-loras.ts'
import type { EmbeddingFile } from './picture-task.ts'

export interface PreparedCell extends GridCell {
  /** Without tags. */
  readonly prompt: string
  readonly loras: readonly LoraChoice[]
  readonly embeddings: readonly EmbeddingFile[]
  readonly templates?: Templates | undefined
}

export interface CellParts {
  readonly styles: readonly string[] | undefined
  readonly embedding: readonly EmbeddingFile[]
  /** Where mentions of a prompt are looked for. */
  readonly folder: string
  readonly source: PromptSource
}

/** Throws what `generate` throws of a request before it opens a model. */
export async function preparedCell<Cell extends GridCell>(
  cell: Cell,
  { styles, embedding, folder, source }: CellParts,
): Promise<Cell & PreparedCell> {
  const { form, templates } = await drawnForm({ ...cell.form, styles }, source)
  checkSampling(form, form.conditions)
  stepPlan(form)
  const { text: prompt, loras: mentions } = parsePrompt(form.prompt)
  const stack = form.stack.map(({ adapter, ...strength }) => ({ file: adapter, ...strength }))
  const loras = [...stack, ...(await findMentioned(mentions, folder, form.seed))]
  const embeddings = [...embedding, ...(await filesCalled(promptsAsked({ ...form, prompt }), folder))]
  return { ...cell, form, prompt, loras, embeddings, templates }
}

/** Whether the autoencoders that cells ask for are there at all. Throws `file-not-found`. */
export async function findVaes(cells: readonly GridCell[]): Promise<void> {
  for (const path of new Set(cells.flatMap(({ form }) => form.vae ?? [])))
    await stat(path).catch((error: unknown) => {
      throw fileError(error, path, 'read')
    })
}
