// Matsumoto and Nishimura 1998, MT19937: the generator of torch on the CPU, bit for bit. Files that keep a seed in place of random matrices mean its
// numbers.

const size = 624
const middle = 397

/** 32 random bits at a time, of a seed of which torch takes the lower 32 bits. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size)
  state[0] = Number(BigInt.asUintN(32, BigInt(seed)))
  for (let i = 1; i < size; i++) {
    const before = state[i - 1] ?? 0
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i
  }
  let at = size
  return () => {
    if (at === size) {
      twist(state)
      at = 0
    }
    let y = state[at++] ?? 0
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % size] ?? 0) & 0x7fffffff)
    state[i] = (state[(i + middle) % size] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
  }
}

/** As `tensor.uniform_(from, to)` draws fp32 numbers: 24 bits of each draw, every step rounded once. */
export function torchUniform(random: () => number, count: number, from: number, to: number): Float32Array {
  const { fround } = Math
  const [low, width] = [fround(from), fround(fround(to) - fround(from))]
  return Float32Array.from({ length: count }, () => fround(fround((random() & 0xffffff) * 2 ** -24) * width) + low)
}

/** Up to here torch draws a remainder for every place; beyond, something else. */
const mostPermuted = Math.floor((2 ** 32 - 1) / 20)

/** The first `count` of `randperm(n)`, or undefined where n is larger than any that is known. */
export function torchPermutation(random: () => number, n: number, count: number): number[] | undefined {
  if (n >= mostPermuted) return undefined
  // Only places that were exchanged are kept: n may be millions.
  const moved = new Map<number, number>()
  const placed = (i: number): number => moved.get(i) ?? i
  return Array.from({ length: count }, (_, i) => {
    const j = i + (i < n - 1 ? random() % (n - i) : 0)
    const [here, there] = [placed(i), placed(j)]
    moved.set(j, here)
    return there
  })
}
