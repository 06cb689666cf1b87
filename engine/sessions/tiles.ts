// A network over pictures, in parts that overlap and are blended: what a map takes in memory is then bounded. As diffusers' AutoencoderKL does it
// (`enable_tiling`); each part has statistics of its own in its norms, so tones may shift a little from part to part, which the blending hides.
import type { Tensor } from '../tensor/tensor.ts'

/** Of latents: the side of a part, and by how much neighbours overlap. 512 pixels of Stable Diffusion. */
export const tileCells = 64
export const overlapCells = 16

export interface Tiling {
  /** Cells of the input, per latent cell: 1 for a decoder, the pixel factor for an encoder. */
  readonly input: number
  /** Of the outputs. */
  readonly output: number
}

/** Runs `part` on parts of x (1, C, H, W) and puts its outputs together. One part is the whole. */
export async function tiled(
  x: Tensor,
  { input, output }: Tiling,
  part: (x: Tensor) => Promise<Readonly<Record<string, Tensor>>>,
): Promise<Record<string, Tensor>> {
  const [, channels = 0, height = 0, width = 0] = x.shape
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
