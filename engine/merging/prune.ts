// Dropping entries of a change: the smallest, or some by chance.

/** Zeroes all but the `count` largest |x| in place; of equal ones the first stay. */
export function keepLargest(values: Float32Array, count: number): void {
  if (count >= values.length) return
  // The bits of magnitudes are in the order of the magnitudes.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const least = largestOfRank(bits, count)
  let spare = count
  for (let i = 0; i < bits.length; i++) if (((bits[i] as number) & magnitude) > least) spare--
  for (let i = 0; i < bits.length; i++) {
    const own = (bits[i] as number) & magnitude
    if (own > least || (own === least && spare-- > 0)) continue
    values[i] = 0
  }
}

const magnitude = 0x7fffffff

/** The bits of the `rank`-th largest |x|, by two counts of its halves: no copy is sorted. */
function largestOfRank(bits: Uint32Array, rank: number): number {
  if (rank < 1) return magnitude
  const [high, above] = countDown(bits, rank, (one) => (one & magnitude) >>> 16)
  const [low] = countDown(bits, rank - above, (one) => ((one & magnitude) >>> 16 === high ? one & 0xffff : -1))
  return (high << 16) | low
}

/** The key at which the count from above reaches `rank`, and how many stand above it. Keys below 0 do not count. */
function countDown(bits: Uint32Array, rank: number, keyOf: (bits: number) => number): readonly [key: number, above: number] {
  const counts = new Uint32Array(65_536)
  for (let i = 0; i < bits.length; i++) {
    const key = keyOf(bits[i] as number)
    if (key >= 0) counts[key] = (counts[key] as number) + 1
  }
  let above = 0
  for (let key = 65_535; key > 0; key--) {
    if (above + (counts[key] as number) >= rank) return [key, above]
    above += counts[key] as number
  }
  return [0, above]
}

/** Zeroes what the mask drops and makes up for it: the expectation of each entry stays. In place. */
export function keepDrawn(values: Float32Array, mask: Uint8Array, density: number): void {
  for (let i = 0; i < values.length; i++) values[i] = mask[i] === 1 ? (values[i] as number) / density : 0
}
