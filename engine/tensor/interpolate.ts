// Planes of numbers at another size, as torch.nn.functional.interpolate (align_corners=False, no antialiasing) makes them.

export const interpolations = {
  nearest: nearestExact,
  bilinear: (at: number, sides: number) => taps(at, sides, (x) => Math.max(0, 1 - Math.abs(x)), 1),
  bicubic: (at: number, sides: number) => taps(at, sides, cubic, 2),
} as const
export type Interpolation = keyof typeof interpolations

interface Tap {
  readonly at: number
  readonly share: number
}

/** (…, height, width) → (…, to[0], to[1]); `mode` `nearest` is torch's `nearest-exact`. */
export function interpolated(
  data: Float32Array,
  [height, width]: readonly [number, number],
  to: readonly [number, number],
  mode: Interpolation,
): Float32Array {
  const [rows, columns] = [along(height, to[0], mode), along(width, to[1], mode)]
  const planes = data.length / (height * width)
  const out = new Float32Array(planes * to[0] * to[1])
  for (let p = 0; p < planes; p++)
    rows.forEach((row, y) => {
      columns.forEach((column, x) => {
        let sum = 0
        for (const { at: i, share: a } of row)
          for (const { at: j, share: b } of column) sum += a * b * (data[(p * height + i) * width + j] ?? 0)
        out[(p * to[0] + y) * to[1] + x] = sum
      })
    })
  return out
}

const along = (from: number, to: number, mode: Interpolation): (readonly Tap[])[] =>
  Array.from({ length: to }, (_, i) => interpolations[mode]((i + 0.5) * (from / to) - 0.5, from))

function nearestExact(at: number, sides: number): readonly Tap[] {
  return [{ at: Math.min(sides - 1, Math.floor(at + 0.5)), share: 1 }]
}

/** Beyond an edge its own number goes on. */
function taps(at: number, sides: number, kernel: (x: number) => number, reach: number): readonly Tap[] {
  const first = Math.floor(at) - reach + 1
  return Array.from({ length: 2 * reach }, (_, k) => ({
    at: Math.min(sides - 1, Math.max(0, first + k)),
    share: kernel(at - (first + k)),
  }))
}

/** Keys' kernel, with torch's a = −0.75. */
function cubic(x: number): number {
  const [a, d] = [-0.75, Math.abs(x)]
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
}
