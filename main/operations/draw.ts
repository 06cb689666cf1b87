// Pictures and grids, with previews while they are sampled.
import { moduleShapes } from '../../engine/adapter-formats/read.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { contactSheet } from '../../engine/images/contact-sheet.ts'
import { parametersChunk } from '../../engine/images/infotext.ts'
import type { Picture } from '../../engine/images/picture.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { samplerWritten } from '../../engine/samplers/sampler-names.ts'
import { samplerByName } from '../../engine/samplers/sampler.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { drain } from './drain.ts'
import { infotext } from './generate.ts'
import { loadLoras, tellIgnored, type LoadedLora } from './lora-choice.ts'
import { heldModel } from './held-model.ts'
import type { CallContext } from '../processes/serve-calls.ts'
import { warningOnce } from './warning-once.ts'
import type { DrawTask, DrawnPicture, GridTask, LoraFile, PictureTask } from './calls.ts'

type Cell = Omit<PictureTask, 'out' | 'form'>

export async function drawPictures(task: DrawTask, caller: CallContext): Promise<readonly DrawnPicture[]> {
  const context = warningOnce(caller)
  const model = await heldModel(task, context.emit)
  const loras = new LoraShelf(model, context)
  const drawn: DrawnPicture[] = []
  const total = task.pictures.reduce((sum, { request }) => sum + request.steps, 0)
  let before = 0
  for (const [index, one] of task.pictures.entries()) {
    const began = performance.now()
    const { picture, text } = await drawCell(model, one, loras, context, progressOf(context, { before, total }, task.preview))
    before += one.request.steps
    const chunks = [parametersChunk(text), { keyword: 'pigment', text: one.form }]
    await writeFileAtomic(one.out, await encodePng(picture, chunks))
    const { width, height } = picture
    drawn.push({ out: one.out, width, height, seconds: (performance.now() - began) / 1000, model: model.checkpoint.name })
    context.emit({ type: 'drawn', index, picture: drawn.at(-1) })
  }
  return drawn
}

export async function drawGrid(task: GridTask, caller: CallContext): Promise<DrawnPicture> {
  const context = warningOnce(caller)
  const model = await heldModel(task, context.emit)
  const loras = new LoraShelf(model, context)
  const began = performance.now()
  const total = task.cells.flat().reduce((sum, { request }) => sum + request.steps, 0)
  const rows: Picture[][] = []
  let before = 0
  for (const row of task.cells) {
    const pictures: Picture[] = []
    rows.push(pictures)
    for (const cell of row) {
      pictures.push((await drawCell(model, cell, loras, context, progressOf(context, { before, total }, task.preview))).picture)
      before += cell.request.steps
    }
  }
  const { columns, title, subtitle } = task
  const sheet = await contactSheet(rows, { title, subtitle, columns, rows: task.rows })
  await writeFileAtomic(task.out, await encodePng(sheet, [{ keyword: 'pigment', text: task.form }]))
  const { width, height } = sheet
  const picture = { out: task.out, width, height, seconds: (performance.now() - began) / 1000, model: model.checkpoint.name }
  context.emit({ type: 'drawn', index: 0, picture })
  return picture
}

interface Progress {
  step(event: { step: number; steps: number; rate: number }): void
  /** Whether a preview of this step is wanted, and where it goes. */
  preview?(step: number, steps: number, model: Model, denoised: Tensor): Promise<void>
}

/** Draws one picture and says what it is made of. */
export async function drawCell(
  model: Model,
  { request, loras }: Cell,
  shelf: LoraShelf,
  { signal, emit }: Pick<CallContext, 'signal' | 'emit'>,
  progress: Progress,
): Promise<{ picture: Picture; text: string }> {
  if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before the picture was begun.', {})
  const { generate } = await import('../../engine/generate.ts')
  const loaded = await shelf.load(loras)
  const { rgb, width, height } = await drain(
    generate(model, request, {
      stack: loaded.map(({ entry }) => entry),
      signal,
      ...(progress.preview
        ? { afterStep: (step, steps, denoised) => progress.preview?.(step, steps, model, denoised) ?? Promise.resolve() }
        : {}),
    }),
    (event) => (event.type === 'step' ? progress.step(event) : emit(event)),
  ).catch((error: unknown) => {
    // Samplers stop by the signal's own error.
    if (signal.aborted) throw new PigmentError('cancelled', 'Stopped before the picture was done.', {}, error)
    throw error
  })
  const sampler = samplerWritten(samplerByName(request.sampler), model.process.asked)
  const text = infotext(request, { width, height, sampler, model: model.checkpoint.name, vaePath: model.checkpoint.vaePath, loras: loaded })
  return { picture: { width, height, data: rgb }, text }
}

/** Steps count over all pictures of a job. A preview is made where it takes little of the time that is left. */
function progressOf({ emit }: CallContext, { before, total }: { before: number; total: number }, wanted: boolean): Progress {
  let cost = 0
  let last = performance.now()
  let stepTime = Infinity
  return {
    step({ step, rate }) {
      emit({ type: 'step', step: before + step, steps: total, rate })
    },
    ...(wanted
      ? {
          async preview(step: number, steps: number, model: Model, denoised: Tensor): Promise<void> {
            const now = performance.now()
            stepTime = now - last
            last = now
            const often = Math.max(1, Math.ceil(steps / 8), Math.ceil((cost * 4) / stepTime))
            if (step >= steps || step % often !== 0) return
            const { decode } = await import('../../engine/generate.ts')
            const { rgb, width, height } = await decode(model, denoised)
            emit({ type: 'preview', step: before + step, steps: total, png: await encodePng({ width, height, data: rgb }) })
            cost = performance.now() - now
            last = performance.now()
          },
        }
      : {}),
  }
}

/** Adapters of one job, each file read once. */
export class LoraShelf {
  readonly #model: Model
  readonly #context: Pick<CallContext, 'emit'>
  readonly #read = new Map<string, LoadedLora>()

  constructor(model: Model, context: Pick<CallContext, 'emit'>) {
    this.#model = model
    this.#context = context
  }

  async load(files: readonly LoraFile[]): Promise<LoadedLora[]> {
    const loaded: LoadedLora[] = []
    for (const { file, ignored = [], ...given } of files) {
      tellIgnored(file, ignored, (event) => this.#context.emit(event))
      const known = this.#read.get(file) ?? (await this.#first(file))
      loaded.push({ ...known, entry: { ...known.entry, ...given } })
    }
    return loaded
  }

  async #first(file: string): Promise<LoadedLora> {
    const modules = moduleShapes(this.#model.checkpoint)
    const [one] = await loadLoras([{ file, weight: 1, enabled: true }], modules, (event) => this.#context.emit(event))
    this.#read.set(file, one as LoadedLora)
    return one as LoadedLora
  }
}
