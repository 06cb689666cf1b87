// The sheet of a grid, from the pictures of its cells: they are read again, so that those of an earlier turn stand on it too.
import { existsSync } from 'node:fs'
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
    const pictures: (Picture | undefined)[][] = []
    for (const row of sheet) {
      const line: (Picture | undefined)[] = []
      for (const path of row) line.push(await pictureAt(path, mostPixels / count))
      pictures.push(line)
    }
    const heading = i === 0 ? { title, subtitle } : {}
    drawn.push(await contactSheet(pictures, { ...heading, ...(sheets[i] === undefined ? {} : { group: sheets[i] }), columns, rows }))
  }
  const whole = stackedSheets(drawn)
  const first = cells.flat(2).find(existsSync)
  const texts = first === undefined ? [] : readPngText(await readPictureFile(first), basename(first), { omit: true })
  const said = texts.find(({ keyword }) => keyword === 'parameters')
  const text = [
    ...(said ? [parametersChunk(withSettings(said.text, axes))] : []),
    ...(form === undefined ? [] : [{ keyword: 'pigment', text: form }]),
  ]
  await writeFileAtomic(out, await encodePng(whole, text))
  return { width: whole.width, height: whole.height, places: whole.places }
}

/** By its area at most so many pixels; nothing where a person skipped or removed it. */
async function pictureAt(path: string, most: number): Promise<Picture | undefined> {
  if (!existsSync(path)) return undefined
  const picture = await readPicture(path)
  const factor = Math.sqrt(most / (picture.width * picture.height))
  if (factor >= 1) return picture
  const side = (pixels: number): number => Math.max(1, Math.floor(pixels * factor))
  return resizePicture(picture, { width: side(picture.width), height: side(picture.height) })
}
