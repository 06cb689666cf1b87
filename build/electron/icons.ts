// The app's icon for each system, from the one drawing: node build/run.mjs build/electron/icons.ts
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

const root = join(import.meta.dirname, '../..')
export const iconsFolder = join(root, 'build/resources')

/** Pixels of Windows' pictures, and of Apple's with their type codes. */
const icoSides = [16, 24, 32, 48, 64, 128, 256]
const icnsSides: readonly (readonly [type: string, side: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
]

async function png(side: number): Promise<Buffer> {
  const svg = await readFile(join(root, 'renderer/public/icon.svg'))
  // The density gives the picture its size before it is scaled, so that edges are drawn and not enlarged.
  const { width = 32 } = await sharp(svg).metadata()
  return sharp(svg, { density: (72 * side) / width })
    .resize(side, side)
    .png({ compressionLevel: 9, palette: side <= 256 })
    .toBuffer()
}

/** A directory of pictures, then the pictures (Microsoft's ICONDIR; PNG inside since Windows Vista). */
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

/** Blocks of type, length and picture (Apple's Icon Image format). */
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
  return {
    'icon.png': await png(512),
    'icon.ico': ico(await Promise.all(icoSides.map(async (side) => ({ side, png: await png(side) })))),
    'icon.icns': icns(await Promise.all(icnsSides.map(async ([type, side]) => ({ type, png: await png(side) })))),
  }
}

if (process.argv[1] === import.meta.filename) {
  await mkdir(iconsFolder, { recursive: true })
  for (const [name, bytes] of Object.entries(await drawIcons())) {
    await writeFile(join(iconsFolder, name), bytes)
    console.log(`${name}: ${bytes.length} bytes`)
  }
}
