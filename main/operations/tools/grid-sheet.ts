// The sheet of a grid, from the pictures of its cells: they are read again, so that those of an earlier turn stand on it too.
import { basename } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { contactSheet, stackedSheets, type CellPlace, type SheetPicture } from '../../../engine/images/contact-sheet.ts'
import { readPngText } from '../../../engine/images/formats/png-text.ts'
import { parametersChunk, withSettings } from '../../../engine/images/infotext.ts'
import { readPicture, readPictureFile, type Picture } from '../../../engine/images/picture.ts'
import { resizePicture } from '../../../engine/images/model-range.ts'
import { encodePng } from '../../../engine/images/write-png.ts'

export interface GridSheetTask {
  /** Paths by sheet, row and column. */
  readonly cells: readonly (readonly (readonly string[])[])[]
  readonly columns: readonly string[]
  readonly rows: readonly string[]
  readonly sheets: readonly string[]
  readonly title: string
  readonly subtitle: string
  readonly out: string
  /** The form and the axes as JSON, where there is one. */
  readonly form?: string
  /** As the settings line says them. */
  readonly axes: readonly (readonly [written: string, value: string])[]
}

export interface GridSheet {
  readonly width: number
  readonly height: number
  /** By sheet, row and column. */
  readonly places: readonly (readonly (readonly (CellPlace | undefined)[])[])[]
}

/** Pixels of all cells of a sheet together: beyond, they stand on it smaller. Each is whole in its own file. */
const mostPixels = 40_000_000

export async function gridSheet({ cells, columns, rows, sheets, title, subtitle, out, form, axes }: GridSheetTask): Promise<GridSheet> {
  // prettier-ignore
  const count = cells.flat(2).length
  const drawn: SheetPicture[] = []
  for (const [i, sheet] of cells.entries()) {
    const pictures: Picture[][] = []
    for (const row of sheet) {
      const line: Picture[] = []
      for (const path of row) line.push(await smaller(await readPicture(path), mostPixels / count))
      pictures.push(line)
    }
    const heading = i === 0 ? { title, subtitle } : {}
    drawn.push(await contactSheet(pictures, { ...heading, ...(sheets[i] === undefined ? {} : { group: sheets[i] }), columns, rows }))
  }
  const whole = stackedSheets(drawn)
  const first = cells[0]?.[0]?.[0] ?? ''
  const said = readPngText(await readPictureFile(first), basename(first), { omit: true }).find(({ keyword }) => keyword === 'parameters')
  const text = [
    ...(said ? [parametersChunk(withSettings(said.text, axes))] : []),
    ...(form === undefined ? [] : [{ keyword: 'pigment', text: form }]),
  ]
  await writeFileAtomic(out, await encodePng(whole, text))
  return { width: whole.width, height: whole.height, places: whole.places }
}

/** By its area at most so many pixels. */
async function smaller(picture: Picture, most: number): Promise<Picture> {
  const factor = Math.sqrt(most / (picture.width * picture.height))
  if (factor >= 1) return picture
  return resizePicture(picture, { width: Math.max(1, Math.floor(picture.width * factor)), height: Math.max(1, Math.floor(picture.height * factor)) }) // prettier-ignore
}
