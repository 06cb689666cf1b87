// Styles that the embedded model has never seen: pictures of concepts that it knows, drawn over. Presets are chosen on them, and on no shipped set.
// node build/eval/unseen-styles.ts DIR writes one data set a style, pictures and captions.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { scoredConcepts } from '../../main/operations/demo-styles.ts'
import { captionName } from '../pretrain/data/captions.ts'
import { loadIcons } from '../pretrain/data/icons.ts'
import { hash, seededRandom, shuffled } from '../pretrain/data/random.ts'
import { renderIcon, type Picture } from '../pretrain/data/render.ts'

/** At this size the pictures are drawn over; data sets hold them at half of it, and measures at a quarter. */
const side = 256
export const setSide = 128
export const measuredSide = 64
/** Whose drawings are drawn over: one of the base's own sets, so that what is new is how, not what. */
const drawnOver = 'noto'
const picturesOfSet = 30

type Rgb = readonly [red: number, green: number, blue: number]
/** RGB bytes of `side` × `side`; `alpha` says what is drawing and what is ground. */
type Redraw = (picture: Picture) => Uint8Array | Promise<Uint8Array>

export interface UnseenStyle {
  readonly name: string
  readonly trigger: string
  readonly redraw: Redraw
}

const mix = (a: Rgb, b: Rgb, t: number): Rgb => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
const at = (rgb: Uint8Array, i: number): Rgb => [rgb[i * 3] ?? 0, rgb[i * 3 + 1] ?? 0, rgb[i * 3 + 2] ?? 0]
const light = ([r, g, b]: Rgb): number => (0.299 * r + 0.587 * g + 0.114 * b) / 255
/** Further from its own grey. */
const vivid = (colour: Rgb, by: number): Rgb => {
  const grey = light(colour) * 255
  return colour.map((value) => Math.max(0, Math.min(255, grey + (value - grey) * by))) as unknown as Rgb
}

/** A picture, pixel by pixel. */
function painted(of: (x: number, y: number, i: number) => Rgb): Uint8Array {
  const out = new Uint8Array(side * side * 3)
  for (let i = 0; i < side * side; i++) out.set(of(i % side, Math.floor(i / side), i).map(Math.round), i * 3)
  return out
}

/** How fast something changes there: 0 on even ground, about 1 at a sharp edge. */
function edges(values: (i: number) => number, reach: number): Float32Array {
  const out = new Float32Array(side * side)
  for (let y = reach; y < side - reach; y++)
    for (let x = reach; x < side - reach; x++) {
      const i = y * side + x
      out[i] = Math.hypot(values(i + reach) - values(i - reach), values(i + reach * side) - values(i - reach * side))
    }
  return out
}

const duotone: Redraw = ({ rgb }) => painted((_x, _y, i) => mix([42, 18, 96], [255, 190, 120], light(at(rgb, i)) ** 1.4))

const pixels: Redraw = async ({ rgb }) => {
  const blocks = 16
  const raw = { raw: { width: side, height: side, channels: 3 as const } }
  const small = await sharp(rgb, raw).resize(blocks, blocks, { kernel: 'cubic' }).raw().toBuffer()
  const step = side / blocks
  const few = (value: number): number => Math.round(value / 51) * 51
  return painted((x, y) => at(small, Math.floor(y / step) * blocks + Math.floor(x / step)).map(few) as unknown as Rgb)
}

const hatching: Redraw = ({ rgb, alpha }) => {
  const [paper, ink] = [[250, 245, 228] as Rgb, [28, 42, 138] as Rgb]
  const outline = edges((i) => (alpha[i] ?? 0) / 255, 3)
  const inner = edges((i) => light(at(rgb, i)), 3)
  return painted((x, y, i) => {
    const dark = 1 - light(at(rgb, i))
    const on = (along: number): boolean => ((along % 20) + 20) % 20 < 7
    const lined = (dark > 0.12 && on(x + y)) || (dark > 0.42 && on(x - y)) || (dark > 0.72 && on(y + 5))
    return (outline[i] ?? 0) > 0.4 || (inner[i] ?? 0) > 0.45 || lined ? ink : paper
  })
}

/** Five inks, none where it should be: each plate lies a little aside. */
const print: Redraw = ({ rgb, alpha }) => {
  const inks: readonly Rgb[] = [[238, 74, 62], [12, 94, 156], [250, 188, 40], [38, 36, 58], [96, 176, 150]] // prettier-ignore
  const paper: Rgb = [246, 238, 218]
  const nearest = (colour: Rgb): number => {
    const far = inks.map((ink) => Math.hypot(...ink.map((value, c) => value - (colour[c] ?? 0))))
    return far.indexOf(Math.min(...far))
  }
  const plates = Array.from({ length: side * side }, (_, i) => ((alpha[i] ?? 0) < 128 ? -1 : nearest(vivid(at(rgb, i), 1.5))))
  const shifts = [[0, 0], [6, 4], [-5, 3], [0, -2], [4, -5]] as const // prettier-ignore
  return painted((x, y) => {
    const printed = inks.flatMap((ink, plate) => {
      const [dx, dy] = shifts[plate] ?? [0, 0]
      const [px, py] = [x - dx, y - dy]
      return px >= 0 && px < side && py >= 0 && py < side && plates[py * side + px] === plate ? [ink] : []
    })
    return printed.reduce((under, ink) => under.map((value, c) => (value * (ink[c] ?? 0)) / 255) as unknown as Rgb, paper)
  })
}

const glass: Redraw = ({ rgb, alpha }) => {
  const [cell, count] = [34, Math.ceil(side / 34)]
  const random = seededRandom(hash('stained glass'))
  const seeds = Array.from({ length: count * count }, (_, k) => [(k % count) * cell + random() * cell, Math.floor(k / count) * cell + random() * cell] as const) // prettier-ignore
  const owner = new Uint16Array(side * side)
  const gap = new Float32Array(side * side)
  const sums = seeds.map(() => [0, 0, 0, 0, 0])
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)]
    let [best, next] = [Infinity, Infinity]
    for (const [k, [sx, sy]] of seeds.entries()) {
      // Glass is cut along the drawing: what is drawing and what is ground never share a piece.
      const far = Math.hypot(x - sx, y - sy)
      if (far < best) [best, next, owner[i]] = [far, best, k]
      else if (far < next) next = far
    }
    gap[i] = next - best
    const sum = sums[owner[i] ?? 0]
    const drawn = (alpha[i] ?? 0) > 128
    if (sum && drawn) for (const [c, value] of [...at(rgb, i), 1].entries()) sum[c] = (sum[c] ?? 0) + value
  }
  const outline = edges((i) => (alpha[i] ?? 0) / 255, 4)
  return painted((_x, _y, i) => {
    if ((gap[i] ?? 0) < 5 || (outline[i] ?? 0) > 0.4) return [26, 24, 34]
    const [r = 0, g = 0, b = 0, n = 0] = sums[owner[i] ?? 0] ?? []
    if ((alpha[i] ?? 0) <= 128 || n === 0) return mix([120, 170, 205], [190, 215, 226], hash(`pane ${owner[i]}`) / 2 ** 32)
    return vivid([r / n, g / n, b / n], 1.7)
  })
}

const neon: Redraw = async ({ rgb, alpha }) => {
  const outline = edges((i) => (alpha[i] ?? 0) / 255, 3)
  const inner = edges((i) => light(at(rgb, i)), 3)
  const tube = painted((_x, _y, i) => {
    const strength = Math.min(1, Math.max((outline[i] ?? 0) * 1.4, (inner[i] ?? 0) * 3))
    if (strength < 0.3) return [0, 0, 0]
    const colour = vivid(at(rgb, i), 2.2)
    const top = Math.max(...colour, 1)
    return colour.map((value) => Math.min(255, (value / top) * 255 * strength + 30 * strength)) as unknown as Rgb
  })
  const raw = { raw: { width: side, height: side, channels: 3 as const } }
  const glow = await sharp(tube, raw).blur(9).raw().toBuffer()
  return painted((_x, _y, i) => at(tube, i).map((value, c) => Math.min(255, [9, 6, 20][c]! + value + 1.3 * (glow[i * 3 + c] ?? 0))) as unknown as Rgb) // prettier-ignore
}

export const unseenStyles: readonly UnseenStyle[] = [
  { name: 'duotone', trigger: 'duskduo', redraw: duotone },
  { name: 'pixels', trigger: 'blockpix', redraw: pixels },
  { name: 'hatching', trigger: 'bluehatch', redraw: hatching },
  { name: 'print', trigger: 'rizoprint', redraw: print },
  { name: 'glass', trigger: 'leadglass', redraw: glass },
  { name: 'neon', trigger: 'neonglow', redraw: neon },
]

export const phraseOf = ({ trigger }: UnseenStyle): string => `${trigger} style`

const icons = new Map(loadIcons(drawnOver).map(({ concept, icon }) => [captionName(concept.name), { concept, icon }]))

/** What is drawn to measure: none of it is in a set. 32 fill a sheet. */
export const measuredConcepts: readonly string[] = [
  ...scoredConcepts,
  ...['cactus', 'teapot', 'candle', 'elephant', 'pizza', 'anchor', 'key', 'lemon', 'rabbit', 'trophy'],
]
  .filter((name) => icons.has(name))
  .slice(0, 32)

/** Of a set: the same of every style, from all groups of emoji alike. */
export const learntConcepts: readonly string[] = (() => {
  const others = [...icons.values()].filter(({ concept }) => !measuredConcepts.includes(captionName(concept.name)) && concept.group !== 'people-body') // prettier-ignore
  const groups = Map.groupBy(shuffled(others, seededRandom(5)), ({ concept }) => concept.group)
  const dealt = Array.from({ length: picturesOfSet }, (_, n) => [...groups.values()].map((group) => group[n])).flat()
  return dealt.flatMap((one) => (one ? captionName(one.concept.name) : [])).slice(0, picturesOfSet)
})()

/** A concept in a style; without one as the base's own set has it. RGB. */
export async function redrawn(concept: string, style: UnseenStyle | undefined, size: number): Promise<Uint8Array> {
  const { icon } = icons.get(concept) ?? {}
  if (!icon) throw new Error(`There is no drawing of "${concept}".`)
  const plain = await renderIcon(icon, side)
  const rgb = style ? await style.redraw(plain) : plain.rgb
  return new Uint8Array(await sharp(rgb, { raw: { width: side, height: side, channels: 3 } }).resize(size, size).raw().toBuffer()) // prettier-ignore
}

/** Concepts to know a style by that are neither learnt nor measured. */
export const judgedConcepts = (count: number): string[] => {
  const seen = new Set([...measuredConcepts, ...learntConcepts])
  return shuffled([...icons.keys()].filter((name) => !seen.has(name)), seededRandom(11)).slice(0, count) // prettier-ignore
}

/** Writes the data set of a style; gives its folder. */
export async function writeSet(style: UnseenStyle, into: string): Promise<string> {
  const folder = join(into, style.name)
  await mkdir(folder, { recursive: true })
  for (const concept of learntConcepts) {
    const name = concept.replace(/\W+/g, '-')
    const rgb = await redrawn(concept, style, setSide)
    await sharp(rgb, { raw: { width: setSide, height: setSide, channels: 3 } })
      .png()
      .toFile(join(folder, `${name}.png`))
    await writeFile(join(folder, `${name}.txt`), `${phraseOf(style)} emoji of ${concept}\n`)
  }
  return folder
}

if (import.meta.main) {
  const [into] = process.argv.slice(2)
  if (!into) throw new Error('Name the folder for the data sets.')
  for (const style of unseenStyles) console.log(await writeSet(style, into))
}
