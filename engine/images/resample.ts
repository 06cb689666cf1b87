// Resizing as Pillow does it, bit for bit: what picture models were taught with. Widened by the scale where a picture shrinks, in whole numbers,
// rounded to 8 bits between its two passes, rows first as Pillow did until 12 (src/libImaging/Resample.c).
import { PigmentError } from '../requests/error.ts'
import type { Picture } from './picture.ts'
import type { Size } from './model-range.ts'

interface Kernel {
  /** Half its width, in pixels of the smaller picture. */
  readonly support: number
  weight(x: number): number
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
/** Of bicubic interpolation. */
const a = -0.5

/** By Pillow's numbers, as preprocessor_config.json names them. */
const kernels: Readonly<Record<number, Kernel>> = {
  1: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
  2: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  3: {
    support: 2,
    weight(signed) {
      const x = Math.abs(signed)
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    },
  },
  4: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  5: {
    support: 1,
    weight(signed) {
      const x = Math.abs(signed)
      return x >= 1 ? 0 : x === 0 ? 1 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))
    },
  },
}
export const bicubic = 3

/** Weights are whole numbers of this many bits behind the point. */
const one = 2 ** 22

/** Resizes by one of Pillow's filters: 1 Lanczos, 2 bilinear, 3 bicubic, 4 box, 5 Hamming. Throws `resample-unknown`. */
export function resample(picture: Picture, { width, height }: Size, filter: number): Picture {
  const kernel = kernels[filter]
  if (!kernel)
    throw new PigmentError('resample-unknown', `There is no resize filter ${filter} here; 1 to 5 are known (2 bilinear, 3 bicubic).`, {
      filter,
    })
  const wide = width === picture.width ? picture : alongRows(picture, width, kernel)
  return height === wide.height ? wide : alongColumns(wide, height, kernel)
}

interface Taps {
  readonly from: number
  readonly weights: readonly number[]
}

/** For each pixel of the result, which pixels it is made of. */
function tapsOf(size: number, target: number, kernel: Kernel): Taps[] {
  const scale = size / target
  const stretch = Math.max(1, scale)
  const reach = kernel.support * stretch
  return Array.from({ length: target }, (_, i) => {
    const center = (i + 0.5) * scale
    const from = Math.max(0, Math.trunc(center - reach + 0.5))
    const to = Math.min(size, Math.trunc(center + reach + 0.5))
    const raw = Array.from({ length: to - from }, (_, k) => kernel.weight((k + from - center + 0.5) / stretch))
    const sum = raw.reduce((total, w) => total + w, 0)
    return { from, weights: raw.map((w) => Math.trunc((sum === 0 ? w : w / sum) * one + (w < 0 ? -0.5 : 0.5))) }
  })
}

const clipped = (sum: number): number => Math.min(255, Math.max(0, Math.floor((sum + one / 2) / one)))

function alongRows({ width, height, data }: Picture, target: number, kernel: Kernel): Picture {
  const taps = tapsOf(width, target, kernel)
  const out = new Uint8Array(target * height * 3)
  for (let y = 0, at = 0; y < height; y++)
    for (const { from, weights } of taps) {
      let [r, g, b, i] = [0, 0, 0, (y * width + from) * 3]
      for (const w of weights) {
        r += w * (data[i++] ?? 0)
        g += w * (data[i++] ?? 0)
        b += w * (data[i++] ?? 0)
      }
      out[at++] = clipped(r)
      out[at++] = clipped(g)
      out[at++] = clipped(b)
    }
  return { width: target, height, data: out }
}

function alongColumns({ width, height, data }: Picture, target: number, kernel: Kernel): Picture {
  const row = width * 3
  const out = new Uint8Array(row * target)
  const sums = new Float64Array(row)
  for (const [y, { from, weights }] of tapsOf(height, target, kernel).entries()) {
    sums.fill(0)
    for (const [k, w] of weights.entries())
      for (let x = 0, i = (from + k) * row; x < row; x++, i++) sums[x] = (sums[x] ?? 0) + w * (data[i] ?? 0)
    for (let x = 0; x < row; x++) out[y * row + x] = clipped(sums[x] ?? 0)
  }
  return { width, height: target, data: out }
}
