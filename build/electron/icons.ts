// The icons of the app and of adapter files for each system, from the one drawing: node build/run.mjs build/electron/icons.ts
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const root = join(import.meta.dirname, '../..')
export const iconsFolder = join(root, 'build/resources')

/** Pixels of Windows' pictures, and of Apple's with their type codes: each size once for plain and once for dense screens. */
const icoSides = [16, 24, 32, 48, 64, 128, 256]
const icnsSides: readonly (readonly [type: string, side: number])[] = [
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
]

/** The drawing as a part of another, its sides in 64ths. */
const placed = (drawing: string, x: number, y: number, side: number): string =>
  drawing.replace('<svg ', `<svg x="${x}" y="${y}" width="${side}" height="${side}" `)
const whole = (inside: string): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${inside}</svg>`

/** Apple leaves room around an app: the tile has 824 of 1024 pixels. */
const withRoom = (drawing: string): string => whole(placed(drawing, 6.25, 6.25, 51.5))

/** A sheet with a folded corner that carries the app's icon. */
const sheet = (drawing: string): string =>
  whole(`<path d="M14 3h26l13 13v42a3 3 0 0 1-3 3H14a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z" fill="#fafafc" stroke="#b9bcc6" stroke-width="1"/>
    <path d="M40 3v10a3 3 0 0 0 3 3h10z" fill="#d5d7df" stroke="#b9bcc6" stroke-width="1" stroke-linejoin="round"/>
    ${placed(drawing, 16, 22, 32)}`)

function png(drawing: string, side: number): Promise<Buffer> {
  // The density gives the picture its size before it is scaled, so that edges are drawn and not enlarged; 64 is the drawing's own side.
  return sharp(Buffer.from(drawing), { density: (72 * side) / 64 })
    .resize(side, side)
    .png({ compressionLevel: 9, palette: side <= 256 })
    .toBuffer()
}

/** A directory of pictures, then the pictures (ICONDIR of learn.microsoft.com/previous-versions/ms997538; PNG inside since Windows Vista). */
export function ico(pictures: readonly { readonly side: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let at = head.length
  pictures.forEach(({ side, png: { length } }, i) => {
    const entry = 6 + 16 * i
    // 0 stands for 256.
    head.writeUInt8(side % 256, entry)
    head.writeUInt8(side % 256, entry + 1)
    head.writeUInt16LE(1, entry + 4)
    head.writeUInt16LE(32, entry + 6)
    head.writeUInt32LE(length, entry + 8)
    head.writeUInt32LE(at, entry + 12)
    at += length
  })
  return Buffer.concat([head, ...pictures.map((picture) => picture.png)])
}

/** Blocks of type, length and picture (Apple's Icon Image format, en.wikipedia.org/wiki/Apple_Icon_Image_format). */
export function icns(pictures: readonly { readonly type: string; readonly png: Buffer }[]): Buffer {
  const blocks = pictures.map(({ type, png }) => {
    const head = Buffer.from(`${type}    `, 'latin1')
    head.writeUInt32BE(png.length + 8, 4)
    return Buffer.concat([head, png])
  })
  const head = Buffer.from('icns    ', 'latin1')
  head.writeUInt32BE(
    blocks.reduce((sum, { length }) => sum + length, 8),
    4,
  )
  return Buffer.concat([head, ...blocks])
}

export async function drawIcons(): Promise<Readonly<Record<string, Buffer>>> {
  const drawing = await readFile(join(root, 'renderer/public/icon.svg'), 'utf8')
  const windows = async (of: string) => ico(await Promise.all(icoSides.map(async (side) => ({ side, png: await png(of, side) }))))
  const apple = async (of: string) => icns(await Promise.all(icnsSides.map(async ([type, side]) => ({ type, png: await png(of, side) }))))
  return {
    'icon.png': await png(drawing, 512),
    'icon.ico': await windows(drawing),
    'icon.icns': await apple(withRoom(drawing)),
    'safetensors.ico': await windows(sheet(drawing)),
    'safetensors.icns': await apple(sheet(drawing)),
  }
}

if (process.argv[1] === import.meta.filename) {
  await mkdir(iconsFolder, { recursive: true })
  for (const [name, bytes] of Object.entries(await drawIcons())) {
    await writeFile(join(iconsFolder, name), bytes)
    console.log(`${name}: ${bytes.length} bytes`)
  }
}
