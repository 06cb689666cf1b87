// Contact sheets: many small pictures in one, to look at.
import sharp from 'sharp'
import { allowSvg } from '../pretrain/data/render.ts'

export interface SheetCell {
  /** RGB, `size` × `size`. */
  readonly rgb: Uint8Array
  readonly label?: string
}

const labelHeight = 18

/** Writes the pictures row by row, in the format that the file's ending names, enlarged `zoom` times without smoothing, each over its label. */
export async function contactSheet(cells: readonly SheetCell[], columns: number, file: string, size = 64, zoom = 2): Promise<void> {
  allowSvg()
  const side = size * zoom
  const high = side + (cells.some((cell) => cell.label !== undefined) ? labelHeight : 0)
  const rows = Math.ceil(cells.length / columns)
  const width = columns * (side + 4)
  const layers: { input: Buffer; left: number; top: number }[] = []
  for (const [i, { rgb, label }] of cells.entries()) {
    const left = (i % columns) * (side + 4) + 2
    const top = Math.floor(i / columns) * (high + 4) + 2
    const raw = { raw: { width: size, height: size, channels: 3 as const } }
    layers.push({ input: await sharp(rgb, raw).resize(side, side, { kernel: 'nearest' }).png().toBuffer(), left, top })
    if (label === undefined) continue
    const text = label.replace(/[&<>]/g, ' ').slice(0, Math.floor(side / 6))
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${labelHeight}"><text x="${side / 2}" y="13" font-size="11" text-anchor="middle" font-family="sans-serif">${text}</text></svg>`
    layers.push({ input: Buffer.from(svg), left, top: top + side })
  }
  const canvas = { create: { width, height: rows * (high + 4), channels: 3 as const, background: '#cccccc' } }
  await sharp(canvas).composite(layers).toFile(file)
}
