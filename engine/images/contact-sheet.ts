// A sheet of pictures in a labelled grid: what a prompt gives with and without an adapter, at one strength and another.
import { PigmentError } from '../spec/error.ts'
import { drawText, fillRectangle, FONT_HEIGHT, textWidth, wrapText } from './bitmap-font.ts'
import type { Picture } from './picture.ts'

export interface ContactSheetLabels {
  readonly title?: string
  /** A quieter line under the title: model, seed, steps. */
  readonly subtitle?: string
  readonly columns?: readonly string[]
  readonly rows?: readonly string[]
}

const INK = [44, 46, 52] as const
const QUIET = [112, 116, 124] as const
const PAPER = 255
const EMPTY = [244, 245, 247] as const
const MARGIN = 40
const GAP = 12
const LABEL = 2
const LINE = (FONT_HEIGHT + 4) * LABEL
const TITLE = 3
const ROW_LABEL_WIDTH = 200
/** Cells of tiny models are enlarged by whole factors to about this side. */
const CELL_SIDE = 160
const MAX_PIXELS = 64_000_000

/** Lays cells (rows of pictures, undefined where one is missing) out with labels on white. Encode the result with encodePng. */
export function contactSheet(cells: readonly (readonly (Picture | undefined)[])[], labels: ContactSheetLabels = {}): Picture {
  const pictures = cells.flat().filter((cell) => cell !== undefined)
  const largest = { width: Math.max(1, ...pictures.map((p) => p.width)), height: Math.max(1, ...pictures.map((p) => p.height)) }
  const zoom = Math.max(1, Math.round(CELL_SIDE / Math.max(largest.width, largest.height)))
  const cell = { width: largest.width * zoom, height: largest.height * zoom }
  const columnCount = Math.max(1, ...cells.map((row) => row.length))

  const rowLines = cells.map((_, i) =>
    wrapText(labels.rows?.[i] ?? '', ROW_LABEL_WIDTH, Math.max(1, Math.floor(cell.height / LINE)), LABEL),
  )
  const columnLines = Array.from({ length: columnCount }, (_, i) => wrapText(labels.columns?.[i] ?? '', cell.width, 3, LABEL))
  const labelWidth = Math.max(0, ...rowLines.flat().map((line) => textWidth(line, LABEL)))
  const labelLines = Math.max(...columnLines.map((lines) => lines.length))

  const left = MARGIN + (labelWidth > 0 ? labelWidth + 2 * GAP : 0)
  const inner = columnCount * (cell.width + GAP) - GAP
  const width = left + inner + MARGIN
  const heading = [...headingLines(labels.title, width, TITLE, INK), ...headingLines(labels.subtitle, width, LABEL, QUIET)]
  const headingHeight = heading.reduce((height, { scale }) => height + (FONT_HEIGHT + 4) * scale, 0)
  const columnLabelsTop = MARGIN + headingHeight + (heading.length > 0 ? 2 * GAP : 0)
  const top = columnLabelsTop + labelLines * LINE + (labelLines > 0 ? GAP / 2 : 0)
  const height = top + cells.length * (cell.height + GAP) - GAP + MARGIN
  if (width * height > MAX_PIXELS) {
    const sentence = `A contact sheet of ${cells.length}×${columnCount} such pictures would be ${width}×${height}. Use fewer or smaller pictures.`
    throw new PigmentError('contact-sheet-too-large', sentence, { width, height, limit: MAX_PIXELS })
  }

  const sheet = { width, height, data: new Uint8Array(width * height * 3).fill(PAPER) }
  let y = MARGIN
  for (const { text, scale, colour } of heading) {
    drawText(sheet, text, MARGIN, y, scale, colour)
    y += (FONT_HEIGHT + 4) * scale
  }
  for (const [column, lines] of columnLines.entries()) {
    // Labels of different length stand on one baseline, next to their pictures.
    const first = columnLabelsTop + (labelLines - lines.length) * LINE
    for (const [i, line] of lines.entries()) drawText(sheet, line, left + column * (cell.width + GAP), first + i * LINE, LABEL, INK)
  }
  for (const [row, pictures] of cells.entries()) {
    const cellTop = top + row * (cell.height + GAP)
    const lines = rowLines[row] ?? []
    const first = cellTop + ((cell.height - lines.length * LINE + 4 * LABEL) >> 1)
    for (const [i, line] of lines.entries()) {
      const x = left - 2 * GAP - textWidth(line, LABEL)
      drawText(sheet, line, x, first + i * LINE, LABEL, INK)
    }
    for (let column = 0; column < columnCount; column++) {
      const cellLeft = left + column * (cell.width + GAP)
      const picture = pictures[column]
      if (!picture) fillRectangle(sheet, cellLeft, cellTop, cell.width, cell.height, EMPTY)
      else
        paste(
          sheet,
          picture,
          cellLeft + ((cell.width - picture.width * zoom) >> 1),
          cellTop + ((cell.height - picture.height * zoom) >> 1),
          zoom,
        )
    }
  }
  return sheet
}

interface HeadingLine {
  readonly text: string
  readonly scale: number
  readonly colour: readonly [number, number, number]
}

function headingLines(text: string | undefined, width: number, scale: number, colour: HeadingLine['colour']): HeadingLine[] {
  return wrapText(text ?? '', width - 2 * MARGIN, 2, scale).map((line) => ({ text: line, scale, colour }))
}

/** Every pixel becomes a square of `zoom`: an enlarged thumbnail shows what the model made, not what a filter did. */
function paste(sheet: Picture, picture: Picture, left: number, top: number, zoom: number): void {
  const stripe = new Uint8Array(picture.width * zoom * 3)
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const at = (y * picture.width + x) * 3
      for (let i = 0; i < zoom; i++) stripe.set(picture.data.subarray(at, at + 3), (x * zoom + i) * 3)
    }
    for (let i = 0; i < zoom; i++) sheet.data.set(stripe, ((top + y * zoom + i) * sheet.width + left) * 3)
  }
}
