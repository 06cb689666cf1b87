// numpy.random.SeedSequence (numpy/random/bit_generator.pyx, after O'Neill's seed_seq_fe): seeds of one seed, for each place of a tree.
const [initA, multA, initB, multB] = [0x43b0d7e5, 0x931e8875, 0x8b51f9dd, 0x58f38ded]
const [mixL, mixR] = [0xca01f9dd, 0x4973f715]

/** `count` words of 32 bits for a seed and a place. */
export function seedSequence(entropy: number, place: readonly number[], poolSize: number, count: number): Uint32Array {
  const own = wordsOf(entropy)
  while (place.length > 0 && own.length < poolSize) own.push(0)
  const pool = mixed([...own, ...place.flatMap(wordsOf)], poolSize)
  const out = new Uint32Array(count)
  let constant = initB
  for (let i = 0; i < count; i++) {
    let value = (pool[i % poolSize] ?? 0) ^ constant
    constant = Math.imul(constant, multB)
    value = Math.imul(value, constant)
    out[i] = value ^ (value >>> 16)
  }
  return out
}

function mixed(entropy: readonly number[], size: number): Uint32Array {
  let constant = initA
  const hashed = (given: number): number => {
    let value = given ^ constant
    constant = Math.imul(constant, multA)
    value = Math.imul(value, constant)
    return value ^ (value >>> 16)
  }
  const pool = new Uint32Array(size)
  const stir = (at: number, value: number): void => {
    const mix = Math.imul(mixL, pool[at] ?? 0) - Math.imul(mixR, hashed(value))
    pool[at] = mix ^ ((mix | 0) >>> 16)
  }
  for (let i = 0; i < size; i++) pool[i] = hashed(entropy[i] ?? 0)
  for (let from = 0; from < size; from++) for (let to = 0; to < size; to++) if (from !== to) stir(to, pool[from] ?? 0)
  for (const value of entropy.slice(size)) for (let to = 0; to < size; to++) stir(to, value)
  return pool
}

function wordsOf(value: number): number[] {
  const words: number[] = []
  for (let rest = BigInt(value); words.length === 0 || rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn))
  return words
}
