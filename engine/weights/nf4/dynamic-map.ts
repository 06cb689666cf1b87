// 8-bit numbers with an exponent that grows into the fraction (Dettmers 2016, arXiv 1511.04561): 255 of them symmetric around zero, and 1.
// The values of bitsandbytes' create_dynamic_map(signed=True), to the last bit.

const { fround } = Math
let made: Float32Array | undefined

/** Ascending. */
export function dynamicMap(): Float32Array {
  made ??= Float32Array.from([0, 1, ...[0, 1, 2, 3, 4, 5, 6].flatMap(valuesOf).flatMap((x) => [x, -x])]).sort()
  return made
}

/** 10^(i−6) times the middles of 2^i equal parts of [0.1, 1]. */
function valuesOf(i: number): number[] {
  const edges = linspace(fround(0.1), 1, 2 ** i + 1)
  return edges.slice(1).map((edge, k) => fround(fround(10 ** (i - 6)) * fround(fround(edge + (edges[k] ?? 0)) / 2)))
}

/** As torch spaces them: from both ends towards the middle, product and sum rounded once. */
function linspace(start: number, end: number, count: number): number[] {
  const step = fround((end - start) / (count - 1))
  const half = Math.floor(count / 2)
  return Array.from({ length: count }, (_, i) => fround(i < half ? start + step * i : end - step * (count - 1 - i)))
}
