import { stat } from 'node:fs/promises'
import type { Embedding } from '../../../engine/text/embedding.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { readAsA1111, type Emphasis } from '../../../engine/requests/generate.ts'
import type { PromptCount } from '../../../engine/requests/prompt-count.ts'
import { loadClipTokenizer, type ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts'
import { countPrompt } from '../../../engine/text/prompt-count.ts'
import { composedPrompts, scheduledPrompt } from '../../../engine/text/prompt-schedule.ts'
import { isDrawn, promptParts } from '../../../engine/text/prompt-variants.ts'
import type { CountedPrompt } from '../../api/methods/prompts.ts'
import { loadEmbeddings } from '../load-embeddings.ts'
import type { EmbeddingFile } from '../picture-task.ts'

export interface CountTask {
  readonly model: string
  /** Without tags of adapters. */
  readonly prompt: string
  readonly emphasis: Emphasis
  /** Calls of the model, by which a prompt may change. */
  readonly calls: number
  readonly embeddings: readonly EmbeddingFile[]
}

interface Counter {
  readonly key: string
  readonly tokenizer: ClipTokenizer
  readonly encoders: readonly { readonly encoder: string; readonly room: number }[]
}
let last: Counter | undefined

/** Of each text encoder of a model. */
export async function countPromptTokens({ model, prompt, emphasis, calls, embeddings: files }: CountTask): Promise<CountedPrompt> {
  const { tokenizer, encoders } = await counterOf(model)
  const embeddings: Embedding[] = (await Promise.all(files.map(loadEmbeddings))).flat().map(({ embedding }) => embedding)
  const texts = textsOf(prompt, emphasis, calls)
  const counted = encoders.map(({ encoder, room }) => {
    const counts = texts.map((text) => countPrompt(tokenizer, text, { emphasis, room, embeddings }))
    const longest = counts.toSorted((a, b) => b.chunks.length - a.chunks.length || b.tokens - a.tokens)[0] as PromptCount
    return { encoder, room, ...longest }
  })
  return { encoders: counted, varies: texts.length > 1 || texts[0] !== prompt || (emphasis !== 'none' && isDrawn(promptParts(prompt))) }
}

function textsOf(prompt: string, emphasis: Emphasis, calls: number): readonly string[] {
  if (!readAsA1111(emphasis)) return [prompt]
  const composed = composedPrompts(prompt)
  const said = composed.length > 1 ? composed.map(({ text }) => text) : [prompt]
  return [...new Set(said.flatMap((text) => scheduledPrompt(text, calls)))]
}

/** That of the last model stays, since a person types. */
async function counterOf(path: string): Promise<Counter> {
  const key = JSON.stringify([path, (await stat(path)).mtimeMs])
  if (last?.key === key) return last
  const checkpoint = await openCheckpoint(path)
  const rules = familyCalled(checkpoint.family).textEncoders
  last = {
    key,
    tokenizer: await loadClipTokenizer(checkpoint.tokenizer),
    encoders: checkpoint.textEncoders.map(({ config }, i) => ({ encoder: rules[i]?.folder ?? `${i}`, room: config.positions - 2 })),
  }
  return last
}
