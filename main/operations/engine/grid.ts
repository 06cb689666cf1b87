import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { contactSheet } from '../../../engine/images/contact-sheet.ts'
import type { Picture } from '../../../engine/images/picture.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { encodePng } from '../../../engine/images/write-png.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { drawCell } from '../draw-cell.ts'
import { drawingProgress } from '../drawing-progress.ts'
import type { DrawingEvent, DrawnPicture } from '../events.ts'
import { heldModel } from '../held-model.ts'
import { LoraShelf } from '../lora-shelf.ts'
import type { Machinery } from '../machinery.ts'
import type { PictureTask } from '../picture-task.ts'
import { warningOnce } from '../warning-once.ts'

export interface GridTask extends Machinery {
  readonly model: string
  readonly vae?: string | undefined
  /** What is done with less memory. */
  readonly economy?: Economy | undefined
  readonly cells: readonly (readonly PictureTask[])[]
  readonly columns: readonly string[]
  readonly rows: readonly string[]
  readonly title: string
  readonly subtitle: string
  readonly preview: boolean
  readonly out: string
  readonly form: string
}

/** Pictures over two parameters, as one sheet. */
export async function grid(task: GridTask, caller: OperationContext<DrawingEvent>): Promise<DrawnPicture> {
  const context = warningOnce(caller)
  const model = await heldModel(
    { ...task, computePrecision: task.cells[0]?.[0]?.request.computePrecision },
    { ...task, emit: context.emit },
  )
  const loras = new LoraShelf(model, context)
  const began = performance.now()
  const total = task.cells.flat().reduce((sum, { request }) => sum + stepsTaken(request), 0)
  const rows: Picture[][] = []
  let before = 0
  for (const row of task.cells) {
    const pictures: Picture[] = []
    rows.push(pictures)
    for (const cell of row) {
      pictures.push((await drawCell(model, cell, loras, context, drawingProgress(context, { before, total }, task.preview))).picture)
      before += stepsTaken(cell.request)
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
