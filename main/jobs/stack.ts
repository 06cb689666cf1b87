// The stack of a form: the adapters at its side and those that its prompt mentions.
import { promptsAsked } from '../../engine/conditions/chosen.ts'
import type { z } from 'zod'
import { acts } from '../../engine/adapters/stack.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { strengthSaid } from '../../engine/requests/strength.ts'
import type { generateForm } from '../api/methods/generate.ts'
import { parsePrompt } from '../api/prompt.ts'
import { blockReading } from '../places/block-presets.ts'
import { embeddingsCalled } from '../stores/library-embeddings.ts'
import { drawable, type Drawable } from '../stores/drawable.ts'
import type { Library } from '../stores/library.ts'
import type { EmbeddingFile, LoraFile, PictureTask } from '../operations/picture-task.ts'

export interface ResolvedStack {
  /** Without the mentions. */
  readonly prompt: string
  readonly loras: readonly LoraFile[]
  readonly adapters: { name: string; weight: number }[]
  /** Textual inversions of the library that the prompts may call. */
  readonly embeddings: readonly EmbeddingFile[]
}

/** Throws `adapter-unknown` with the name that the library does not have, `run-not-paused`, `embedding-in-stack`, and those of `strengthSaid`. */
export function stackOf(
  form: Pick<z.output<typeof generateForm>, 'prompt' | 'stack'> &
    Partial<Pick<z.output<typeof generateForm>, 'negative' | 'seed' | 'conditions'>>,
  library: Library,
): ResolvedStack {
  const { text, loras: mentions } = parsePrompt(form.prompt)
  const mentioned = mentions.map(({ name, ignored, ...said }) => {
    const found = library.byName(name)
    if (!found)
      throw new PigmentError('adapter-unknown', `The prompt asks for "<lora:${name}:…>", and the library has no adapter of that name.`, {
        name,
      })
    return { adapter: found.id, ...strengthSaid(said, blockReading(form.seed ?? 0, name)), ...(ignored ? { ignored } : {}), enabled: true }
  })
  const stack: (Omit<LoraFile, 'file'> & { readonly adapter: string })[] = [...form.stack, ...mentioned]
  const drawn = stack.map((one) => ({ ...one, of: drawable(library, one.adapter) }))
  for (const { of } of drawn) refuseEmbedding(of)
  return {
    prompt: text,
    loras: drawn.map(({ adapter: _id, of: { file, triggers, name, named }, ...rest }) => ({
      file,
      ...rest,
      triggers,
      ...(named ? { name } : {}),
    })),
    adapters: drawn.filter(acts).map(({ of: { name }, weight }) => ({ name, weight })),
    embeddings: embeddingsCalled(library, promptsAsked({ prompt: text, negative: form.negative ?? '', conditions: form.conditions })),
  }
}

/** A textual inversion has no strength to stand in a stack with. */
function refuseEmbedding({ title, kind, triggers }: Drawable): void {
  const [word = title] = triggers
  if (kind !== 'embedding') return
  throw new PigmentError(
    'embedding-in-stack',
    `"${title}" is a textual inversion, which does not stand in a stack. Take it off, and write its word "${word}" into the prompt.`,
    { title, word },
  )
}

/** What is drawn of a form. Throws as `stackOf`. */
export function pictureOf(
  form: z.output<typeof generateForm>,
  library: Library,
): { readonly task: PictureTask } & Pick<ResolvedStack, 'adapters'> {
  const { prompt, loras, embeddings, adapters } = stackOf(form, library)
  return { adapters, task: { request: generateRequest.parse({ ...requestOf(form), prompt }), loras, embeddings } }
}

/** The engine's part of a form. */
export function requestOf<Form extends { stack: unknown; model?: unknown }>(form: Form): Omit<Form, 'stack' | 'model'> {
  const { stack: _stack, model: _model, ...rest } = form
  return rest
}
