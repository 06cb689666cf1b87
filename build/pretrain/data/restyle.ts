// The same drawings in other manners: a line around and inside them, lines alone, few colours, one colour. They tell the base model that what is drawn
// and how it is drawn are two things, and what a line is; without them it knows every concept in five fixed styles only. No other drawing goes in.
import { bilinear } from './bilinear.ts'
import type { Random } from './random.ts'
import type { Picture } from './render.ts'

export type Manner = 'outlined' | 'flat' | 'drawn' | 'poster' | 'tinted' | 'plain'

/** Where the drawing lies: scaled along both axes, turned and moved around its centre; a caption need not tell. */
export interface Placing {
  readonly scale: readonly [x: number, y: number]
  /** Pixels to the right and down. */
  readonly shift: readonly [x: number, y: number]
  /** Radians, clockwise. */
  readonly turn: number
  readonly mirror: boolean
}

export interface Restyle {
  readonly manner: Manner
  /** What captions say of it, before the style's own phrase. */
  readonly phrase: string
  /** Half the line's width, in pixels. */
  readonly width: number
  readonly colour: Rgb
  /** How far colours go from grey; 1 leaves them. */
  readonly saturation: number
  /** How far colours go towards white; 0 leaves them. */
  readonly pale: number
  /** Brightness below which line drawings are filled. */
  readonly dark: number
  readonly placing: Placing
}

type Rgb = readonly [red: number, green: number, blue: number]

/** Dark colours of lines that captions do not name. */
const inks: readonly Rgb[] = [
  [22, 20, 24],
  [44, 34, 30],
  [28, 32, 52],
  [58, 56, 58],
]
/** Colours of lines and of whole pictures, by the word that captions use. */
const colours: Readonly<Record<string, Rgb>> = {
  blue: [26, 54, 122],
  brown: [92, 52, 26],
  green: [20, 88, 52],
  red: [146, 26, 32],
  purple: [82, 36, 122],
  grey: [84, 86, 90],
}
const levels = 4

const unmoved: Placing = { scale: [1, 1], shift: [0, 0], turn: 0, mirror: false }

/** The restyled forms of a picture, by the manners that each may have; the last five lie anew as well. */
const formManners: readonly (readonly Manner[])[] = [
  ['outlined'],
  ['drawn'],
  ['poster', 'tinted'],
  ['flat'],
  ['outlined'],
  ['drawn'],
  ['outlined', 'flat'],
  ['plain', 'tinted', 'poster'],
]
const firstMoved = 3
export const restyledForms = formManners.length

/** Even draws: eight for the manner, the rest for where the drawing lies. */
type Draws = [number, number, number, number, number, number, number, number, ...number[]]

/** Draws a manner for one of the restyled forms of a picture. `mirrorSafe` says whether the mirrored picture still fits its caption. */
export function drawRestyle(random: Random, form: number, mirrorSafe = false): Restyle {
  // Every draw happens every time, so that one choice does not shift the next.
  const [kind, thick, painted, named, strong, light, filled, inked, ...places] = Array.from({ length: 14 }, random) as Draws
  const pick = <T>(from: readonly T[], at: number): T => from[Math.floor(at * from.length)] as T
  const manner = pick(formManners[form] ?? ['outlined' as const], kind)
  const word = pick(Object.keys(colours), named)
  const coloured = manner === 'tinted' || painted < 0.3
  const lined = manner === 'outlined' || manner === 'flat'
  const width = pick([0.5, 0.75, 1, 1.6], thick)
  const pale = (lined || manner === 'plain') && light < 0.25 ? 0.35 + light : 0
  const vivid = pale === 0 && (manner === 'plain' || (lined && strong > 0.7))
  const [much, name] = [width > 1 ? 'bold ' : width < 0.75 ? 'thin ' : '', coloured ? `${word} ` : '']
  const fill = pale > 0 ? 'pale ' : vivid ? 'vivid ' : ''
  const phrase = {
    outlined: `${fill}${much}${name}outlined`,
    flat: `${fill}flat ${much}${name}outlined`,
    drawn: `${much}${name}line drawn`,
    poster: 'few coloured',
    tinted: `${word} tinted`,
    plain: fill.trim(),
  }[manner]
  return {
    manner,
    phrase,
    width,
    colour: coloured ? (colours[word] as Rgb) : pick(inks, inked * inked),
    saturation: vivid ? 1.4 + strong * 0.4 : lined ? 1 + strong * 0.3 : 1,
    pale,
    dark: 40 + 90 * filled,
    placing: form < firstMoved ? unmoved : drawPlacing(places, mirrorSafe),
  }
}

/** Somewhat larger or smaller, wider or narrower, turned and moved; `draws` are six even draws. */
function drawPlacing(draws: readonly number[], mirrorSafe: boolean): Placing {
  const [size = 0, ratio = 0, x = 0, y = 0, turn = 0, mirror = 0] = draws
  const [scale, stretch] = [0.8 + size * 0.24, 1 + (ratio - 0.5) * 0.16]
  return {
    scale: [scale * stretch, scale / stretch],
    shift: [(x - 0.5) * 6, (y - 0.5) * 6],
    turn: (turn - 0.5) * 0.28,
    mirror: mirrorSafe && mirror < 0.5,
  }
}

/** The restyled RGB picture, of the same size; outlines stay inside it, since the drawing shrinks to make room. */
export function restylePicture(picture: Picture, style: Restyle, size = 64): Uint8Array {
  const { manner, width, colour, placing } = style
  const lined = manner === 'outlined' || manner === 'flat' || manner === 'drawn'
  const { rgb, alpha } = placed(picture, placing, lined ? 1 - (2 * width + 1) / size : 1, size)
  if (manner === 'poster') return eachPixel(rgb, (own) => own.map(levelled))
  if (manner === 'tinted') return eachPixel(rgb, (own) => colour.map((value) => value + ((255 - value) * brightness(own)) / 255))
  if (manner === 'plain') return eachPixel(rgb, (own) => coloured(own, style))
  const lines = linesOf(rgb, alpha, width, size)
  const even = manner === 'flat' ? medians(rgb, size) : rgb
  const out = new Uint8Array(size * size * 3)
  for (let i = 0; i < size * size; i++) {
    const own = [0, 1, 2].map((c) => even[i * 3 + c] ?? 255)
    const filled =
      manner === 'drawn'
        ? brightness(own) < style.dark
          ? colour
          : [255, 255, 255]
        : coloured(manner === 'flat' ? own.map(levelled) : own, style)
    const line = lines[i] ?? 0
    for (let c = 0; c < 3; c++)
      out[i * 3 + c] = Math.round(Math.min(255, Math.max(0, (filled[c] ?? 0) * (1 - line) + (colour[c] ?? 0) * line)))
  }
  return out
}

const levelled = (value: number): number => (Math.round((value / 255) * (levels - 1)) * 255) / (levels - 1)

/** A colour as the restyled picture's fill has it. */
function coloured(own: readonly number[], { saturation, pale }: Restyle): number[] {
  const grey = brightness(own)
  return own.map((value) => {
    const strong = Math.min(255, Math.max(0, grey + (value - grey) * saturation))
    return strong + (255 - strong) * pale
  })
}

/** The median of each channel over 3 × 3 pixels: small shades go, edges stay. */
function medians(rgb: Float32Array, size: number): Float32Array {
  const out = new Float32Array(rgb.length)
  const around = new Float32Array(9)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) {
        for (let k = 0; k < 9; k++) {
          const px = Math.min(size - 1, Math.max(0, x + (k % 3) - 1))
          const py = Math.min(size - 1, Math.max(0, y + Math.floor(k / 3) - 1))
          around[k] = rgb[(py * size + px) * 3 + c] ?? 255
        }
        out[(y * size + x) * 3 + c] = around.sort()[4] ?? 255
      }
  return out
}

const brightness = ([red = 0, green = 0, blue = 0]: readonly number[]): number => 0.299 * red + 0.587 * green + 0.114 * blue

function eachPixel(rgb: Float32Array, change: (rgb: number[]) => readonly number[]): Uint8Array {
  const out = new Uint8Array(rgb.length)
  for (let i = 0; i < rgb.length; i += 3) out.set(change([rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0]).map(Math.round), i)
  return out
}

/** The picture where `placing` puts it, at `scale` besides, by bilinear sampling; white and empty outside. */
function placed(
  { rgb, alpha }: Picture,
  { scale: [sx, sy], shift, turn, mirror }: Placing,
  scale: number,
  size: number,
): { rgb: Float32Array; alpha: Float32Array } {
  const out = { rgb: new Float32Array(size * size * 3), alpha: new Float32Array(size * size) }
  const centre = (size - 1) / 2
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [u, v] = [x - centre - shift[0], y - centre - shift[1]]
      const [across, down] = [(u * cos + v * sin) / (scale * sx), (v * cos - u * sin) / (scale * sy)]
      const point = [(mirror ? -across : across) + centre, down + centre] as const
      for (let c = 0; c < 3; c++) out.rgb[(y * size + x) * 3 + c] = bilinear(rgb, { size, channels: 3 }, point, c, 255)
      out.alpha[y * size + x] = bilinear(alpha, { size, channels: 1 }, point, 0, 0) / 255
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
