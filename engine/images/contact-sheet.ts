// A sheet of pictures in a labelled grid: what a prompt gives with and without an adapter, at one strength and another.
import { PigmentError } from '../requests/error.ts'
import type { Picture } from './picture.ts'
import { SheetFont, type Colour } from './sheet-font.ts'

export interface ContactSheetLabels {
  readonly title?: string
  /** A quieter line under the title: model, seed, steps. */
  readonly subtitle?: string
  /** What this sheet is of, where it is one of several. */
  readonly group?: string
  readonly columns?: readonly string[]
  readonly rows?: readonly string[]
}

/** Where the picture of a cell stands on its sheet. */
export interface CellPlace {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}
export interface SheetPicture extends Picture {
  /** As the cells came; none of one that is missing. */
  readonly places: readonly (readonly (CellPlace | undefined)[])[]
}

const INK = [44, 46, 52] as const
const QUIET = [112, 116, 124] as const
const PAPER = 255
const EMPTY = [244, 245, 247] as const
const MARGIN = 40
const GAP = 12
const ROW_LABEL_WIDTH = 200
/** Cells of tiny models are enlarged by whole factors to about this side. */
const CELL_SIDE = 160
const MAX_PIXELS = 64_000_000

/** Lays cells (rows of pictures, undefined where one is missing) out with labels on white. Encode the result with encodePng. */
export async function contactSheet(
  cells: readonly (readonly (Picture | undefined)[])[],
  labels: ContactSheetLabels = {},
): Promise<SheetPicture> {
  const [label, title] = [new SheetFont(16), new SheetFont(24)]
  await label.prepare([labels.subtitle ?? '', labels.group ?? '', ...(labels.rows ?? []), ...(labels.columns ?? [])])
  await title.prepare([labels.title ?? ''])
  const pictures = cells.flat().filter((cell) => cell !== undefined)
  const largest = { width: Math.max(1, ...pictures.map((p) => p.width)), height: Math.max(1, ...pictures.map((p) => p.height)) }
  const zoom = Math.max(1, Math.round(CELL_SIDE / Math.max(largest.width, largest.height)))
  const cell = { width: largest.width * zoom, height: largest.height * zoom }
  const columnCount = Math.max(1, ...cells.map((row) => row.length))

  const rowLines = cells.map((_, i) =>
    label.wrap(labels.rows?.[i] ?? '', ROW_LABEL_WIDTH, Math.max(1, Math.floor(cell.height / label.line))),
  )
  const columnLines = Array.from({ length: columnCount }, (_, i) => label.wrap(labels.columns?.[i] ?? '', cell.width, 3))
  const labelWidth = Math.max(0, ...rowLines.flat().map((line) => Math.ceil(label.widthOf(line))))
  const labelLines = Math.max(...columnLines.map((lines) => lines.length))

  const left = MARGIN + (labelWidth > 0 ? labelWidth + 2 * GAP : 0)
  const inner = columnCount * (cell.width + GAP) - GAP
  const width = left + inner + MARGIN
  const heading = [
    ...headingLines(labels.title, width, title, INK),
    ...headingLines(labels.subtitle, width, label, QUIET),
    ...headingLines(labels.group, width, label, INK),
  ]
  const headingHeight = heading.reduce((height, { font }) => height + font.line, 0)
  const columnLabelsTop = MARGIN + headingHeight + (heading.length > 0 ? 2 * GAP : 0)
  const top = columnLabelsTop + labelLines * label.line + (labelLines > 0 ? GAP / 2 : 0)
  const height = top + cells.length * (cell.height + GAP) - GAP + MARGIN
  if (width * height > MAX_PIXELS) {
    const sentence = `A contact sheet of ${cells.length}×${columnCount} such pictures would be ${width}×${height}. Use fewer or smaller pictures.`
    throw new PigmentError('contact-sheet-too-large', sentence, { width, height, limit: MAX_PIXELS })
  }

  const places: (CellPlace | undefined)[][] = cells.map(() => [])
  const sheet = { width, height, data: new Uint8Array(width * height * 3).fill(PAPER), places }
  let y = MARGIN
  for (const { text, font, colour } of heading) {
    await font.draw(sheet, text, MARGIN, y, colour)
    y += font.line
  }
  for (const [column, lines] of columnLines.entries()) {
    // Labels of different length stand on one baseline, next to their pictures.
    const first = columnLabelsTop + (labelLines - lines.length) * label.line
    for (const [i, line] of lines.entries()) await label.draw(sheet, line, left + column * (cell.width + GAP), first + i * label.line, INK)
  }
  for (const [row, pictures] of cells.entries()) {
    const cellTop = top + row * (cell.height + GAP)
    const lines = rowLines[row] ?? []
    const first = cellTop + ((cell.height - lines.length * label.line) >> 1)
    for (const [i, line] of lines.entries()) {
      const x = left - 2 * GAP - Math.ceil(label.widthOf(line))
      await label.draw(sheet, line, x, first + i * label.line, INK)
    }
    for (let column = 0; column < columnCount; column++) {
      const cellLeft = left + column * (cell.width + GAP)
      const picture = pictures[column]
      if (!picture) fillRectangle(sheet, cellLeft, cellTop, cell.width, cell.height, EMPTY)
      else {
        const size = { width: picture.width * zoom, height: picture.height * zoom }
        const at = { left: cellLeft + ((cell.width - size.width) >> 1), top: cellTop + ((cell.height - size.height) >> 1) }
        paste(sheet, picture, at.left, at.top, zoom)
        if (column < pictures.length) places[row]?.push({ ...at, ...size })
        continue
      }
      if (column < pictures.length) places[row]?.push(undefined)
    }
  }
  return sheet
}

/** Sheets one below the other; places are those on the whole, sheet by sheet. */
export function stackedSheets(sheets: readonly SheetPicture[]): Picture & { readonly places: readonly SheetPicture['places'][] } {
  const width = Math.max(1, ...sheets.map((one) => one.width))
  const height = Math.max(
    1,
    sheets.reduce((sum, one) => sum + one.height, 0),
  )
  const data = new Uint8Array(width * height * 3).fill(PAPER)
  let top = 0
  const places = sheets.map((sheet) => {
    const above = top
    for (let y = 0; y < sheet.height; y++)
      data.set(sheet.data.subarray(y * sheet.width * 3, (y + 1) * sheet.width * 3), (above + y) * width * 3)
    top += sheet.height
    return sheet.places.map((row) => row.map((at) => at && { ...at, top: at.top + above }))
  })
  return { width, height, data, places }
}

interface HeadingLine {
  readonly text: string
  readonly font: SheetFont
  readonly colour: Colour
}

function headingLines(text: string | undefined, width: number, font: SheetFont, colour: Colour): HeadingLine[] {
  return font.wrap(text ?? '', width - 2 * MARGIN, 2).map((line) => ({ text: line, font, colour }))
}

/** A filled rectangle inside the picture. */
function fillRectangle(picture: Picture, x: number, y: number, width: number, height: number, colour: Colour): void {
  for (let row = y; row < y + height; row++)
    for (let column = x; column < x + width; column++) picture.data.set(colour, (row * picture.width + column) * 3)
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
