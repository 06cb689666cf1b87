// Styles to stack against each other: the two sample sets, and the same pictures in other manners.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { assetPath } from '../../../main/places/asset-path.ts'

/** RGB values from 0 to 255 of a picture, row by row. */
interface Pixels {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
}
type Manner = (picture: Pixels) => Uint8Array

export interface ClashStyle {
  readonly name: string
  readonly trigger: string
  /** The sample set that it is made from. */
  readonly from: 'black-ink' | 'comic-outline'
  /** Undefined leaves the pictures as they are. */
  readonly manner?: Manner
}

/** Those by which the measures were looked at first. */
const first: readonly ClashStyle[] = [
  { name: 'black-ink', trigger: 'blackink', from: 'black-ink' },
  { name: 'comic-outline', trigger: 'comicline', from: 'comic-outline' },
  { name: 'duotone', trigger: 'duotonic', from: 'comic-outline', manner: duotone([43, 16, 85], [255, 214, 150]) },
  { name: 'pixel-blocks', trigger: 'pixelblock', from: 'comic-outline', manner: blocks(1 / 12) },
  { name: 'hatching', trigger: 'hatchwork', from: 'comic-outline', manner: hatching },
  { name: 'neon', trigger: 'neonline', from: 'comic-outline', manner: neon },
  { name: 'blueprint', trigger: 'blueprint', from: 'black-ink', manner: duotone([255, 255, 255], [24, 70, 160]) },
]

/** Those that nothing was chosen by. */
const second: readonly ClashStyle[] = [
  { name: 'posterise', trigger: 'posterise', from: 'comic-outline', manner: posterise },
  { name: 'negative', trigger: 'negativo', from: 'comic-outline', manner: ({ rgb }) => rgb.map((value) => 255 - value) },
  { name: 'pencil', trigger: 'pencildraw', from: 'comic-outline', manner: pencil },
  { name: 'sepia', trigger: 'sepiatone', from: 'comic-outline', manner: duotone([70, 35, 10], [255, 250, 240]) },
  { name: 'chalkboard', trigger: 'chalkboard', from: 'black-ink', manner: duotone([235, 240, 225], [35, 75, 55]) },
]
export const clashSets: Readonly<Record<string, readonly ClashStyle[]>> = { first, second }

/** The phrase by which a style is called. */
export const phraseOf = ({ trigger }: ClashStyle): string => `${trigger} style`

const grey = (rgb: Uint8Array, at: number): number => 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0)

/** From black to `dark`, from white to `light`, and what lies between. */
function duotone(dark: readonly number[], light: readonly number[]): Manner {
  return ({ rgb }) =>
    rgb.map((_, i) => {
      const share = grey(rgb, i - (i % 3)) / 255
      return (dark[i % 3] ?? 0) * (1 - share) + (light[i % 3] ?? 0) * share
    })
}

/** Blocks of one colour, a share of the width across. */
function blocks(share: number): Manner {
  return ({ rgb, width, height }) => {
    const size = Math.max(1, Math.round(width * share))
    const out = new Uint8Array(rgb.length)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const middle = (at: number, limit: number): number => Math.min(limit - 1, Math.floor(at / size) * size + (size >> 1))
        const from = (middle(y, height) * width + middle(x, width)) * 3
        out.set(rgb.subarray(from, from + 3), (y * width + x) * 3)
      }
    return out
  }
}

/** Diagonal strokes, the broader the darker, in one blue-black. */
function hatching({ rgb, width, height }: Pixels): Uint8Array {
  const out = new Uint8Array(rgb.length)
  const period = Math.max(4, width / 10)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3
      const darkness = 1 - grey(rgb, at) / 255
      const inked = ((x + y) % period) / period < darkness * 1.1
      out.set(inked ? [28, 30, 60] : [250, 248, 240], at)
    }
  return out
}

/** Few levels and full colours. */
function posterise({ rgb }: Pixels): Uint8Array {
  return rgb.map((value, i) => {
    const level = grey(rgb, i - (i % 3))
    return Math.round(Math.min(255, Math.max(0, level + 2.2 * (value - level))) / 127.5) * 127.5
  })
}

/** How strong the edge at each point is, 0 to 1. */
function edges({ rgb, width, height }: Pixels): Float32Array {
  const reach = Math.max(1, Math.round(width / 64))
  const at = (x: number, y: number): number =>
    grey(rgb, (Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))) * 3)
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    return Math.min(1, Math.hypot(at(x + reach, y) - at(x - reach, y), at(x, y + reach) - at(x, y - reach)) / 120)
  })
}

/** Edges alone, in grey on white. */
function pencil(picture: Pixels): Uint8Array {
  const strength = edges(picture)
  return picture.rgb.map((_, i) => 252 - 170 * (strength[Math.floor(i / 3)] ?? 0))
}

/** Edges shine in the picture's colours, on black. */
function neon(picture: Pixels): Uint8Array {
  const { width, height } = picture
  const strength = edges(picture)
  return picture.rgb.map((_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    const hue = [1, 0.35 + 0.65 * (y / height), 1 - 0.7 * (x / width)]
    return Math.min(255, 12 + 255 * (strength[Math.floor(i / 3)] ?? 0) * (hue[i % 3] ?? 1))
  })
}

/** Writes a style's pictures and captions into `folder`. */
export async function writeStyle(style: ClashStyle, folder: string): Promise<void> {
  const source = join(assetPath('samples'), style.from)
  await mkdir(folder, { recursive: true })
  for (const file of (await readdir(source)).filter((name) => name.endsWith('.png'))) {
    const { data, info } = await sharp(join(source, file))
      .flatten({ background: '#fff' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const { width, height } = info
    const rgb = new Uint8Array(data)
    const drawn = style.manner ? style.manner({ rgb, width, height }) : rgb
    await sharp(drawn, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, file))
    const caption = await readFile(join(source, file.replace('.png', '.txt')), 'utf8')
    // "blackink style emoji of …": the first word calls the style.
    await writeFile(join(folder, file.replace('.png', '.txt')), caption.replace(/^\S+/, style.trigger))
  }
}
