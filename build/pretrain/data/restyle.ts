// The same drawings in other manners: a line around and inside them, lines alone, few colours, one colour. They tell the base model that what is drawn
// and how it is drawn are two things, and what a line is; without them it knows every concept in five fixed styles only. No other drawing goes in.
import type { Random } from './random.ts'
import type { Picture } from './render.ts'

export type Manner = 'outlined' | 'drawn' | 'poster' | 'tinted'

export interface Restyle {
  readonly manner: Manner
  /** What captions say of it, before the style's own phrase. */
  readonly phrase: string
  /** Half the line's width, in pixels. */
  readonly width: number
  readonly colour: Rgb
  /** How far colours go from grey; 1 leaves them. */
  readonly saturation: number
}

type Rgb = readonly [red: number, green: number, blue: number]

const ink: Rgb = [22, 20, 24]
/** Colours of lines and of whole pictures, by the word that captions use. */
const colours: Readonly<Record<string, Rgb>> = {
  blue: [26, 54, 122],
  brown: [92, 52, 26],
  green: [20, 88, 52],
  red: [146, 26, 32],
  purple: [82, 36, 122],
  grey: [84, 86, 90],
}
/** Brightness below which line drawings are filled. */
const dark = 70
const levels = 4

/** Restyled forms of a picture. */
export const restyledForms = 3

/** Draws a manner for one of the restyled forms of a picture: the first is outlined, the second drawn in lines, the third one of the others. */
export function drawRestyle(random: Random, form: number): Restyle {
  const [kind, thick, painted, named, strong] = [random(), random(), random(), random(), random()]
  const manner: Manner = form === 0 ? 'outlined' : form === 1 ? 'drawn' : kind < 0.5 ? 'poster' : 'tinted'
  const words = Object.keys(colours)
  const word = words[Math.floor(named * words.length)] as string
  const coloured = manner === 'tinted' || painted < 0.3
  const width = [0.5, 0.75, 1, 1.6][Math.floor(thick * 4)] as number
  const [much, name] = [width > 1 ? 'bold ' : width < 0.75 ? 'thin ' : '', coloured ? `${word} ` : '']
  const phrase = {
    outlined: `${much}${name}outlined`,
    drawn: `${much}${name}line drawn`,
    poster: 'few coloured',
    tinted: `${word} tinted`,
  }[manner]
  return {
    manner,
    phrase,
    width,
    colour: coloured ? (colours[word] as Rgb) : ink,
    saturation: manner === 'outlined' ? 1 + strong * 0.6 : 1,
  }
}

/** The restyled RGB picture, of the same size; outlines stay inside it, since the drawing shrinks to make room. */
export function restylePicture(picture: Picture, style: Restyle, size = 64): Uint8Array {
  if (style.manner === 'poster')
    return eachPixel(picture.rgb, (rgb) => rgb.map((value) => (Math.round((value / 255) * (levels - 1)) * 255) / (levels - 1)))
  if (style.manner === 'tinted')
    return eachPixel(picture.rgb, (rgb) => style.colour.map((value) => value + ((255 - value) * brightness(rgb)) / 255))
  const { rgb, alpha } = shrunk(picture, 1 - (2 * style.width + 1) / size, size)
  const lines = linesOf(rgb, alpha, style.width, size)
  const out = new Uint8Array(size * size * 3)
  for (let i = 0; i < size * size; i++) {
    const own = [0, 1, 2].map((c) => rgb[i * 3 + c] ?? 255)
    const grey = brightness(own)
    const filled =
      style.manner === 'drawn'
        ? grey < dark
          ? style.colour
          : [255, 255, 255]
        : own.map((value) => grey + (value - grey) * style.saturation)
    const line = lines[i] ?? 0
    for (let c = 0; c < 3; c++)
      out[i * 3 + c] = Math.round(Math.min(255, Math.max(0, (filled[c] ?? 0) * (1 - line) + (style.colour[c] ?? 0) * line)))
  }
  return out
}

const brightness = ([red = 0, green = 0, blue = 0]: readonly number[]): number => 0.299 * red + 0.587 * green + 0.114 * blue

function eachPixel(rgb: Uint8Array, change: (rgb: number[]) => readonly number[]): Uint8Array {
  const out = new Uint8Array(rgb.length)
  for (let i = 0; i < rgb.length; i += 3) out.set(change([rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0]).map(Math.round), i)
  return out
}

/** The picture around its centre at `scale`, by bilinear sampling; white and empty outside. */
function shrunk({ rgb, alpha }: Picture, scale: number, size: number): { rgb: Float32Array; alpha: Float32Array } {
  const out = { rgb: new Float32Array(size * size * 3), alpha: new Float32Array(size * size) }
  const centre = (size - 1) / 2
  const at = (values: Uint8Array, x: number, y: number, c: number, channels: number, outside: number): number =>
    x < 0 || y < 0 || x >= size || y >= size ? outside : (values[(y * size + x) * channels + c] ?? outside)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [sx, sy] = [(x - centre) / scale + centre, (y - centre) / scale + centre]
      const [x0, y0] = [Math.floor(sx), Math.floor(sy)]
      const [fx, fy] = [sx - x0, sy - y0]
      const mixed = (values: Uint8Array, c: number, channels: number, outside: number): number =>
        (at(values, x0, y0, c, channels, outside) * (1 - fx) + at(values, x0 + 1, y0, c, channels, outside) * fx) * (1 - fy) +
        (at(values, x0, y0 + 1, c, channels, outside) * (1 - fx) + at(values, x0 + 1, y0 + 1, c, channels, outside) * fx) * fy
      for (let c = 0; c < 3; c++) out.rgb[(y * size + x) * 3 + c] = mixed(rgb, c, 3, 255)
      out.alpha[y * size + x] = mixed(alpha, 0, 1, 0) / 255
    }
  return out
}

/** How much of each pixel a line covers: along the silhouette, and where neighbouring colours differ much. */
function linesOf(rgb: Float32Array, alpha: Float32Array, width: number, size: number): Float32Array {
  const edge = new Float32Array(size * size)
  const value = (x: number, y: number, c: number): number => {
    const i = Math.min(size - 1, Math.max(0, y)) * size + Math.min(size - 1, Math.max(0, x))
    return c === 3 ? 255 * (alpha[i] ?? 0) : (rgb[i * 3 + c] ?? 255)
  }
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let most = 0
      for (let c = 0; c < 4; c++)
        most = Math.max(most, Math.hypot(value(x + 1, y, c) - value(x - 1, y, c), value(x, y + 1, c) - value(x, y - 1, c)))
      edge[y * size + x] = Math.min(1, Math.max(0, (most - 50) / 130))
    }
  // A gradient is two pixels wide already; a wider line reaches further, and fades over its last pixel.
  const reach = Math.ceil(width)
  const out = new Float32Array(size * size)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let most = 0
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
          const [px, py] = [x + dx, y + dy]
          if (px < 0 || py < 0 || px >= size || py >= size) continue
          const share = Math.min(1, Math.max(0, width + 0.5 - Math.hypot(dx, dy)))
          most = Math.max(most, share * (edge[py * size + px] ?? 0))
        }
      out[y * size + x] = most
    }
  return out
}
