// Numbers in 8 bits, block by block: the largest magnitude of a block in fp32, and of each number the nearest of 256 levels of it
// (Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization", arXiv 2110.02861). Bit for bit as bitsandbytes' backends/default/ops.py.

/** Numbers that share a scale. */
export const blockSize = 256

const { fround, abs, max } = Math
const least = fround(1e-38)

/** Room for the numbers of a block, of which bits are looked at. */
const scaled = new Float32Array(blockSize)
const bits = new Uint32Array(scaled.buffer)

export class BlockCodes {
  readonly #levels: Float32Array
  /** Half way from each level to the next; a number on one takes the lower level. */
  readonly #bounds: Float32Array
  /** By the upper half of a number's bits: the level of the smallest number that begins with them. */
  readonly #first: Uint8Array

  /** 256 of them, ascending. */
  constructor(levels: Float32Array) {
    this.#levels = levels
    this.#bounds = Float32Array.from(levels.subarray(1), (level, i) => fround(level + (levels[i] ?? 0)) / 2)
    this.#first = Uint8Array.from({ length: 2 ** 16 }, (_, high) => {
      // Of negative numbers those with the largest bits are the smallest.
      bits[0] = (high << 16) | (high >= 2 ** 15 ? 0xffff : 0)
      const x = scaled[0] ?? 0
      return this.#bounds.reduce((count, bound) => count + (bound < x ? 1 : 0), 0)
    })
  }

  /** Codes of `count` values (a block or less) from place `at` on; gives their scale. */
  write(values: Float32Array, count: number, codes: Uint8Array, at: number): number {
    let largest = 0
    for (let i = 0; i < count; i++) largest = max(largest, abs(values[i] ?? 0))
    // A short block is divided and not multiplied, and its scale is never zero: as the reference does.
    const short = count < blockSize
    const divisor = max(largest, least)
    const inverse = fround(1 / divisor)
    if (short) for (let i = 0; i < count; i++) scaled[i] = (values[i] ?? 0) / divisor
    else for (let i = 0; i < count; i++) scaled[i] = (values[i] ?? 0) * inverse
    const [first, bounds] = [this.#first, this.#bounds]
    for (let i = 0; i < count; i++) {
      const x = scaled[i] ?? 0
      const code = first[(bits[i] ?? 0) >>> 16] ?? 0
      // Numbers that begin alike lie nearer together than any two bounds; behind the last level there is none.
      codes[at + i] = (bounds[code] ?? 2) < x ? code + 1 : code
    }
    return short ? divisor : largest
  }

  /** The numbers that codes from place `at` on stand for, into `values`. */
  read(codes: Uint8Array, at: number, scale: number, count: number, values: Float32Array): void {
    const levels = this.#levels
    for (let i = 0; i < count; i++) values[i] = (levels[codes[at + i] ?? 0] ?? 0) * scale
  }
}
