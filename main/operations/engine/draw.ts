import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { parametersChunk } from '../../../engine/images/infotext.ts'
import type { Picture } from '../../../engine/images/picture.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { encodePng } from '../../../engine/images/write-png.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { drawCell, type WhenStopped } from '../draw-cell.ts'
import { drawingProgress } from '../drawing-progress.ts'
import type { DrawingEvent, DrawnPicture } from '../events.ts'
import { heldModel } from '../held-model.ts'
import { LoraShelf } from '../lora-shelf.ts'
import type { Machinery } from '../machinery.ts'
import type { KeptPictureTask } from '../picture-task.ts'
import { warningOnce } from '../warning-once.ts'

export interface DrawTask extends Machinery {
  readonly model: string
  readonly vae?: string | undefined
  /** What is done with less memory. */
  readonly economy?: Economy | undefined
  readonly pictures: readonly KeptPictureTask[]
  /** Whether they are shown while they are sampled. */
  readonly preview: boolean
}

/** Pictures one after another, each written as soon as it is done. */
export async function draw(task: DrawTask, caller: OperationContext<DrawingEvent>): Promise<readonly DrawnPicture[]> {
  const context = warningOnce(caller)
  const model = await heldModel({ ...task, computePrecision: task.pictures[0]?.request.computePrecision }, { ...task, emit: context.emit })
  const loras = new LoraShelf(model, context)
  const drawn: DrawnPicture[] = []
  const total = task.pictures.reduce((sum, { request }) => sum + stepsTaken(request), 0)
  const skips = new Skips(caller)
  let before = 0
  for (const [index, one] of task.pictures.entries()) {
    const began = performance.now()
    const texts = (text: string) => [parametersChunk(text), { keyword: 'pigment', text: one.form }]
    const facts = ({ width, height }: Picture): DrawnPicture => ({ out: one.out, width, height, seconds: (performance.now() - began) / 1000, model: model.checkpoint.name }) // prettier-ignore
    const signal = skips.next()
    const stopped: WhenStopped = {
      hurried: () => caller.signal.aborted,
      async keep({ picture, text, step }) {
        const png = await encodePng(picture, texts(text))
        context.emit({ type: 'interrupted', index, step, skipped: !caller.signal.aborted, png, picture: facts(picture) })
      },
    }
    const progress = drawingProgress(context, { before, total }, task.preview)
    const made = await drawCell(model, one, loras, { ...context, signal }, progress, stopped).catch((error: unknown) => {
      if (signal.aborted && !caller.signal.aborted) return undefined
      throw error
    })
    before += stepsTaken(one.request)
    if (!made) continue
    await writeFileAtomic(one.out, await encodePng(made.picture, texts(made.text)))
    const done = facts(made.picture)
    drawn.push(done)
    context.emit({ type: 'drawn', index, picture: done })
  }
  return drawn
}

/** `skip` stops the picture that is drawn then, and no other. */
class Skips {
  readonly #signal: AbortSignal
  #one = new AbortController()

  constructor({ signal, onNotify }: Pick<OperationContext, 'signal' | 'onNotify'>) {
    this.#signal = signal
    onNotify((what) => what === 'skip' && this.#one.abort())
  }

  next(): AbortSignal {
    this.#one = new AbortController()
    return AbortSignal.any([this.#signal, this.#one.signal])
  }
}
