// 8-bit numbers with an exponent that grows into the fraction (Dettmers 2016, arXiv 1511.04561): 255 of them symmetric around zero, and 1;
// or without a sign, and with twice as many fractions. The values of bitsandbytes' create_dynamic_map, to the last bit.

const { fround } = Math
let signed: Float32Array | undefined
let unsigned: Float32Array | undefined
const exponents = [0, 1, 2, 3, 4, 5, 6] as const

/** 256 values, ascending. */
export function dynamicMap(): Float32Array {
  signed ??= Float32Array.from([0, 1, ...exponents.flatMap((i) => valuesOf(i, 2 ** i)).flatMap((x) => [x, -x])]).sort()
  return signed
}

/** 256 values from 0 to 1, ascending. */
export function unsignedDynamicMap(): Float32Array {
  unsigned ??= Float32Array.from([0, 1, ...exponents.flatMap((i) => valuesOf(i, 2 ** (i + 1)))]).sort()
  return unsigned
}

/** 10^(i−6) times the middles of equal parts of [0.1, 1]. */
function valuesOf(i: number, parts: number): number[] {
  const edges = linspace(fround(0.1), 1, parts + 1)
  return edges.slice(1).map((edge, k) => fround(fround(10 ** (i - 6)) * fround(fround(edge + (edges[k] ?? 0)) / 2)))
}

/** As torch spaces them: from both ends towards the middle, product and sum rounded once. */
function linspace(start: number, end: number, count: number): number[] {
  const step = fround((end - start) / (count - 1))
  const half = Math.floor(count / 2)
  return Array.from({ length: count }, (_, i) => fround(i < half ? start + step * i : end - step * (count - 1 - i)))
}
