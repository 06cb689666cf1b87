// A network over pictures, in parts that overlap and are blended: what a map takes in memory is then bounded. As diffusers' AutoencoderKL does it
// (`enable_tiling`); each part has statistics of its own in its norms, so tones may shift a little from part to part, which the blending hides.
import type { Tensor } from '../tensor/tensor.ts'

/** Of latents: the side of a part, and by how much neighbours overlap. 512 pixels of Stable Diffusion. */
export const tileCells = 64
export const overlapCells = 16

export interface PartCells {
  /** Cells of the input, per latent cell: 1 for a decoder, the pixel factor for an encoder. */
  readonly input: number
  /** Of the outputs. */
  readonly output: number
  /** Axes at which x goes on at its other end, 2 and 3. */
  readonly wraps?: readonly number[]
}

/** Runs `part` on parts of x (1, C, H, W) and puts its outputs together. One part is the whole. */
export async function tiled(
  x: Tensor,
  { input, output, wraps = [] }: PartCells,
  part: (x: Tensor) => Promise<Readonly<Record<string, Tensor>>>,
): Promise<Record<string, Tensor>> {
  const [, channels = 0, height = 0, width = 0] = x.shape
  if (wraps.length > 0) return wrappedParts(x, { input, output, wraps }, part)
  const rows = partsOf(height / input)
  const columns = partsOf(width / input)
  if (rows.length === 1 && columns.length === 1) return part(x)
  const sums: Record<string, { readonly shape: number[]; readonly data: Float32Array }> = {}
  const shares = new Float32Array((height / input) * output * (width / input) * output)
  for (const [from, to] of rows)
    for (const [left, right] of columns) {
      const cut = cutOut(x, { channels, top: from * input, bottom: to * input, left: left * input, right: right * input })
      const down = ramp((to - from) * output, { begins: from > 0, ends: to < height / input }, overlapCells * output)
      const across = ramp((right - left) * output, { begins: left > 0, ends: right < width / input }, overlapCells * output)
      const wide = (width / input) * output
      const place = (row: number, column: number): number => (from * output + row) * wide + left * output + column
      for (const [row, a] of down.entries()) for (const [column, b] of across.entries()) shares[place(row, column)]! += a * b
      for (const [name, { shape, data }] of Object.entries(await part(cut))) {
        const [, planes = 0] = shape
        const whole = [1, planes, (height / input) * output, wide]
        const sum = (sums[name] ??= { shape: whole, data: new Float32Array(planes * shares.length) })
        for (let c = 0; c < planes; c++)
          for (const [row, a] of down.entries())
            for (const [column, b] of across.entries())
              sum.data[c * shares.length + place(row, column)]! += a * b * (data[(c * down.length + row) * across.length + column] ?? NaN)
      }
    }
  for (const { data } of Object.values(sums)) for (let i = 0; i < data.length; i++) data[i]! /= shares[i % shares.length]!
  return sums
}

/** With what lies beyond its edges around it, from the other end, which is cut off again. */
async function wrappedParts(
  x: Tensor,
  { input, output, wraps = [] }: PartCells,
  part: (x: Tensor) => Promise<Readonly<Record<string, Tensor>>>,
): Promise<Record<string, Tensor>> {
  const [, , height = 0, width = 0] = x.shape
  const [high, wide] = [wraps.includes(2) ? overlapCells : 0, wraps.includes(3) ? overlapCells : 0]
  const around = cutAround(x, {
    top: -high * input,
    left: -wide * input,
    height: height + 2 * high * input,
    width: width + 2 * wide * input,
  })
  const whole = { top: high * output, left: wide * output, height: (height / input) * output, width: (width / input) * output }
  const all = Object.entries(await tiled(around, { input, output }, part))
  return Object.fromEntries(all.map(([name, one]) => [name, cutAround(one, whole)]))
}

interface Around {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** A part, also beyond the edges: there x goes on at its other end. */
function cutAround({ shape: [, channels = 0, H = 0, W = 0], data }: Tensor, { top, left, height, width }: Around): Tensor {
  const cut = new Float32Array(channels * height * width)
  const from = (at: number, side: number): number => ((at % side) + side) % side
  for (let c = 0, i = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) cut[i++] = data[(c * H + from(top + y, H)) * W + from(left + x, W)] ?? NaN
  return { shape: [1, channels, height, width], data: cut }
}

/** Where parts begin and end, of equal length, spread over a side. */
export function partsOf(side: number): (readonly [number, number])[] {
  if (side <= tileCells) return [[0, side]]
  const count = Math.ceil((side - overlapCells) / (tileCells - overlapCells))
  return Array.from({ length: count }, (_, i) => {
    const from = Math.round((i * (side - tileCells)) / (count - 1))
    return [from, from + tileCells] as const
  })
}

/** How much each row of a part counts: less towards an edge where another part goes on, never nothing. */
function ramp(length: number, { begins, ends }: { begins: boolean; ends: boolean }, over: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const before = begins ? (i + 0.5) / over : 1
    const after = ends ? (length - i - 0.5) / over : 1
    return Math.min(1, before, after)
  })
}

interface Cut {
  readonly channels: number
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

function cutOut({ shape, data }: Tensor, { channels, top, bottom, left, right }: Cut): Tensor {
  const [, , height = 0, width = 0] = shape
  const [high, wide] = [bottom - top, right - left]
  const cut = new Float32Array(channels * high * wide)
  for (let c = 0; c < channels; c++)
    for (let row = 0; row < high; row++) {
      const from = (c * height + top + row) * width + left
      cut.set(data.subarray(from, from + wide), (c * high + row) * wide)
    }
  return { shape: [1, channels, high, wide], data: cut }
}
