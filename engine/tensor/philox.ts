// Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a bijection of a counter under a key.
// Nothing is carried from draw to draw, so a resumed run, or one sample of a batch, gets its noise without replaying the rest.
import { PigmentError } from '../requests/error.ts'

const [M0, M1] = [0xd2511f53, 0xcd9e8d57]
const [W0, W1] = [0x9e3779b9, 0xbb67ae85]
const ROUNDS = 10

/** High word of a 32 × 32 → 64 bit product, by 16-bit halves (a double keeps only 53 bits). */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = a1 * b0 + (Math.imul(a0, b0) >>> 16)
  const cross = a0 * b1 + (middle & 0xffff)
  return (Math.imul(a1, b1) + ((middle / 65536) | 0) + ((cross / 65536) | 0)) | 0
}

/** Writes one block of four words to `out` at `at`; words are signed here and wrap to uint32 in the array. */
function block(out: Uint32Array, at: number, k0: number, k1: number, c0: number, c1: number, c2: number, c3: number): void {
  for (let round = 0; round < ROUNDS; round++) {
    const next0 = multiplyHigh(M1, c2) ^ c1 ^ k0
    const next2 = multiplyHigh(M0, c0) ^ c3 ^ k1
    c1 = Math.imul(M1, c2)
    c3 = Math.imul(M0, c0)
    c0 = next0
    c2 = next2
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[at] = c0
  out[at + 1] = c1
  out[at + 2] = c2
  out[at + 3] = c3
}

/** One Philox-4x32-10 block: four uint32 words from a 64-bit key and a 128-bit counter. */
export function philox4x32(
  key: readonly [number, number],
  counter: readonly [number, number, number, number],
): [number, number, number, number] {
  const out = new Uint32Array(4)
  block(out, 0, key[0] | 0, key[1] | 0, counter[0] | 0, counter[1] | 0, counter[2] | 0, counter[3] | 0)
  return [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0, out[3] ?? 0]
}

/** Draws of one (seed, stream, step). Every method is pure: asking again gives the same values, a longer draw extends a shorter one. */
export interface RandomStream {
  /** Uniform words of 32 bits. */
  words(n: number): Uint32Array
  /** Uniform in [0, 1) with 53 bits. */
  uniform(n: number): Float64Array
  /** Standard normal. */
  normal(n: number): Float32Array
  /** Uniform integers in [low, high). */
  integers(n: number, low: number, high: number): Int32Array
  /** The numbers 0 … n−1 in random order. */
  permutation(n: number): Int32Array
}

/** Random draws that depend on nothing but (seed, stream, step). Give each purpose its own stream name. */
export function randomStream(seed: number | bigint, stream: string | number, step: number): RandomStream {
  const key = seedWords(seed)
  // The kind of draw is part of the name, so uniform() and normal() of one stream never share their bits.
  const words = (kind: string, count: number): Uint32Array => {
    const [name0, name1] = hashWords(`${typeof stream} ${stream} ${kind}`)
    const out = new Uint32Array(Math.ceil(count / 4) * 4)
    for (let at = 0, index = 0; at < out.length; at += 4, index++) block(out, at, key[0], key[1], index, step | 0, name0, name1)
    return out
  }
  const uniformOf = (kind: string, n: number): Float64Array => {
    const bits = words(kind, 2 * n)
    const out = new Float64Array(n)
    for (let i = 0; i < n; i++) out[i] = ((bits[2 * i] ?? 0) * 2 ** 21 + ((bits[2 * i + 1] ?? 0) >>> 11)) * 2 ** -53
    return out
  }
  return {
    words: (n) => words('words', n).subarray(0, n),
    uniform: (n) => uniformOf('uniform', n),
    normal: (n) => boxMuller(words('normal', n), n),
    integers: (n, low, high) => Int32Array.from(uniformOf('integers', n), (u) => low + Math.floor(u * (high - low))),
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, i) => i)
      const u = uniformOf('permutation', n)
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor((u[i] ?? 0) * (i + 1))
        const held = order[i] ?? 0
        order[i] = order[j] ?? 0
        order[j] = held
      }
      return order
    },
  }
}

/** Two words make two normals; half a unit keeps the logarithm away from zero. */
function boxMuller(bits: Uint32Array, n: number): Float32Array {
  const out = new Float32Array(n)
  for (let i = 0; i < n; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(((bits[i] ?? 0) + 0.5) * 2 ** -32))
    const angle = (bits[i + 1] ?? 0) * (2 * Math.PI * 2 ** -32)
    out[i] = radius * Math.cos(angle)
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle)
  }
  return out
}

function seedWords(seed: number | bigint): readonly [number, number] {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed))
    throw new PigmentError('seed-invalid', `A seed is a whole number, got ${seed}.`, { seed: String(seed) })
  return int32Pair(BigInt(seed))
}

function int32Pair(value: bigint): readonly [number, number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
}

/** FNV-1a, 64 bits, of the UTF-8 text. */
function hashWords(text: string): readonly [number, number] {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return int32Pair(hash)
}
