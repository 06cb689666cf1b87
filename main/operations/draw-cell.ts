import type { Picture } from '../../engine/images/picture.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { OperationContext } from '../processes/operation.ts'
import { regionsSaid } from './adapter-regions.ts'
import { drain } from './drain.ts'
import type { Drawing } from './drawing-progress.ts'
import type { WarningEvent } from './events.ts'
import { embeddingsOfPicture } from './load-embeddings.ts'
import { infotext, sizeAsked } from './picture-settings.ts'
import { longerSide, orRung } from './memory-ladder.ts'
import type { LoraShelf } from './lora-shelf.ts'
import type { PictureTask } from './picture-task.ts'

/** Draws one picture and says what it is made of. */
export async function drawCell(
  model: Model,
  { request, loras, embeddings, templates }: PictureTask,
  shelf: LoraShelf,
  { signal, emit }: Pick<OperationContext<WarningEvent>, 'signal' | 'emit'>,
  progress: Drawing,
): Promise<{ picture: Picture; text: string }> {
  if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before the picture was begun.', {})
  const { generate } = await import('../../engine/generate.ts')
  const loaded = await shelf.load(loras)
  const words = await shelf.embeddings(embeddings)
  const drawing = drain(
    generate(model, request, {
      stack: loaded.map(({ entry }) => entry),
      embeddings: words.map(({ embedding }) => embedding),
      signal,
      ...(progress.preview
        ? { afterStep: (step, steps, denoised) => progress.preview?.(step, steps, model, denoised) ?? Promise.resolve() }
        : {}),
    }),
    (event) => (event.type === 'step' ? progress.step(event) : emit(event)),
  )
  const { rgb, width, height } = await orRung(model, longerSide(model, request), () => drawing).catch((error: unknown) => {
    // Samplers stop by the signal's own error.
    if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before the picture was done.', {}, error)
    throw error
  })
  const { asked } = model.process
  const { name, vaePath } = model.checkpoint
  const called = embeddingsOfPicture(model, request, words)
  const regions = await regionsSaid(loaded)
  const made = { ...sizeAsked(model, request), asked, model: name, vaePath, loras: loaded, embeddings: called, regions, templates }
  const text = infotext(request, made)
  return { picture: { width, height, data: rgb }, text }
}
