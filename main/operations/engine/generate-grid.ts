import { join, parse } from 'node:path'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { parametersChunk } from '../../../engine/images/infotext.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import { frameOf } from '../../../engine/sessions/frame.ts'
import { dataFolder } from '../../places/places.ts'
import { defaultsOf } from '../../places/model-defaults.ts'
import type { OperationContext } from '../../processes/operation.ts'
import type { GridForm } from '../axes/axis.ts'
import { drawCell } from '../draw-cell.ts'
import { drawingProgress } from '../drawing-progress.ts'
import { promptSource } from '../drawn-form.ts'
import type { DrawingEvent } from '../events.ts'
import { filesWorld } from '../files-world.ts'
import { findVaes, preparedCell, type PreparedCell } from '../grid-cell.ts'
import { axesWritten, gridPlan, inDrawingOrder, readAxis } from '../grid-plan.ts'
import { LoraShelf } from '../lora-shelf.ts'
import { openModel } from '../open-model.ts'
import { prepareOutput } from '../output-file.ts'
import { gridSheet } from '../tools/grid-sheet.ts'
import { warningOnce } from '../warning-once.ts'
import type { GenerateGiven } from './generate.ts'

export interface GridGiven extends GenerateGiven {
  /** As written: `Steps=1-10(+2)`. */
  readonly x: string
  readonly y?: string | undefined
  readonly z?: string | undefined
  readonly cells: number
}

/** A sheet over one, two or three axes, and beside it a picture for each of its cells, `NAME-01.png`. */
export async function generateGrid(given: GridGiven, caller: OperationContext<DrawingEvent>) {
  const context = warningOnce(caller)
  const out = await prepareOutput(given.out, '.png')
  const { form, folder, world } = {
    form: formOf(given),
    folder: given.loraFolder ?? join(dataFolder(), 'library'),
    world: filesWorld(given.lora),
  }
  const axes = {
    x: readAxis(given.x, form, world),
    ...(given.y ? { y: readAxis(given.y, form, world) } : {}),
    ...(given.z ? { z: readAxis(given.z, form, world) } : {}),
  }
  const plan = gridPlan(form, axes, world, given.cells)
  const { dir, name } = parse(out)
  const digits = Math.max(2, String(plan.cells.length).length)
  const numbered = plan.cells.map((cell, i) => ({ ...cell, out: join(dir, `${name}-${String(i + 1).padStart(digits, '0')}.png`) }))
  const parts = { styles: given.style, embedding: given.embedding, folder, source: promptSource(dataFolder()) }
  const cells: (PreparedCell & { readonly out: string })[] = []
  for (const cell of numbered) cells.push(await preparedCell(cell, parts))
  await findVaes(cells)
  const total = cells.reduce((sum, { form: asked }) => sum + stepsTaken(asked), 0)
  const opened = ({ model, vae, computePrecision }: GridForm): string => JSON.stringify([model, vae, computePrecision])
  const began = performance.now()
  let before = 0
  let shown = ''
  for (const group of Map.groupBy(inDrawingOrder(cells, opened), (cell) => opened(cell.form)).values()) {
    const { model: path, vae, computePrecision } = group[0]?.form ?? form
    await using model = await openModel({ ...given, emit: context.emit }, { ...given, model: path, vae, computePrecision })
    shown ||= model.checkpoint.name
    const shelf = new LoraShelf(model, context)
    // One that this model cannot draw is told before the others are drawn.
    for (const cell of group) frameOf(model, cell.form)
    for (const { form: own, prompt, loras, embeddings, templates, out: file } of group) {
      const usual = defaultsOf(path, model.checkpoint.family).guidance[loras.length > 0 ? 'stacked' : 'alone']
      const { stack: _stack, model: _model, vae: _vae, ...asked } = own
      const told = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
      const request = generateRequest.parse({ ...usual, ...told, prompt })
      const progress = drawingProgress(context, { before, total }, false)
      const { picture, text } = await drawCell(model, { request, loras, embeddings, templates }, shelf, context, progress)
      await writeFileAtomic(file, await encodeCell(picture, text))
      before += stepsTaken(request)
    }
  }
  const [sheets, rows] = [plan.sheets.length || 1, plan.rows.length || 1]
  const at = (sheet: number, row: number): string[] =>
    cells.filter((cell) => cell.sheet === sheet && cell.row === row).map((cell) => cell.out)
  const { width, height } = await gridSheet({
    cells: Array.from({ length: sheets }, (_, s) => Array.from({ length: rows }, (_, r) => at(s, r))),
    columns: plan.columns,
    rows: plan.rows,
    sheets: plan.sheets,
    title: form.prompt.slice(0, 120),
    subtitle: `${shown} · seed ${form.seed} · ${form.steps} steps · ${form.sampler}`,
    out,
    axes: axesWritten(axes),
  })
  return { out, width, height, cells: cells.map((cell) => cell.out), columns: plan.columns, rows: plan.rows, sheets: plan.sheets, seconds: (performance.now() - began) / 1000 } // prettier-ignore
}

async function encodeCell(picture: Awaited<ReturnType<typeof drawCell>>['picture'], text: string): Promise<Uint8Array> {
  const { encodePng } = await import('../../../engine/images/write-png.ts')
  return encodePng(picture, [parametersChunk(text)])
}

/** The form that axes change. Guidance that is left open is what suits the model and the stack of each cell. */
function formOf({ lora, model, vae, ...given }: GridGiven): GridForm {
  const request = generateRequest.parse(given)
  const { cfg, adapterGuidance, guidanceStop } = given
  const stack = lora.map(({ file, ignored: _ignored, ...strength }) => ({ adapter: file, ...strength }))
  // What is left open has no value yet; each cell's request is checked as a whole.
  return { ...request, cfg, adapterGuidance, guidanceStop, model, vae, stack } as GridForm
}
