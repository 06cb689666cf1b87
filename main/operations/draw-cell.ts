import { withSettings } from '../../engine/images/infotext.ts'
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
import { UntilNow } from './until-now.ts'

export interface DrawnCell {
  readonly picture: Picture
  readonly text: string
}

/** Who takes what there is of a picture that is stopped. */
export interface WhenStopped {
  /** Whether there is no time to wait for it. */
  hurried(): boolean
  keep(made: DrawnCell & { readonly step: number }): Promise<void>
}

/** Draws one picture and says what it is made of. */
export async function drawCell(
  model: Model,
  { request, loras, embeddings, templates }: PictureTask,
  shelf: LoraShelf,
  { signal, emit }: Pick<OperationContext<WarningEvent>, 'signal' | 'emit'>,
  progress: Drawing,
  stopped?: WhenStopped,
): Promise<DrawnCell> {
  if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before the picture was begun.', {})
  const { generate } = await import('../../engine/generate.ts')
  const loaded = await shelf.load(loras)
  const words = await shelf.embeddings(embeddings)
  const until = new UntilNow()
  const drawing = drain(
    generate(model, request, {
      stack: loaded.map(({ entry }) => entry),
      embeddings: words.map(({ embedding }) => embedding),
      signal,
      async afterStep(step, steps, denoised, finish) {
        if (stopped) await until.see(step, steps, denoised, finish)
        await progress.preview?.(step, steps, model, denoised)
        until.goOn()
      },
    }),
    (event) => (event.type === 'step' ? progress.step(event) : emit(event)),
  )
  const told = async (): Promise<string> => {
    const { asked } = model.process
    const { name, vaePath } = model.checkpoint
    const called = embeddingsOfPicture(model, request, words)
    const regions = await regionsSaid(loaded)
    const made = { ...sizeAsked(model, request), asked, model: name, vaePath, loras: loaded, embeddings: called, regions, templates }
    return infotext(request, made)
  }
  const { rgb, width, height } = await orRung(model, longerSide(model, request), () => drawing).catch(async (error: unknown) => {
    // Samplers stop by the signal's own error.
    if (!signal.aborted) throw error
    const made = stopped && (await until.picture(model, stopped.hurried()).catch(() => undefined))
    if (stopped && made) {
      const { picture, step, steps } = made
      await stopped.keep({ picture, text: withSettings(await told(), [['Interrupted', `step ${step} of ${steps}`]]), step })
    }
    throw new PigmentError('cancelled', 'Stopped before the picture was done.', {}, error)
  })
  return { picture: { width, height, data: rgb }, text: await told() }
}
