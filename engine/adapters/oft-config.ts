// What PEFT's config of OFT says of its blocks, and how it is written. Reference: peft tuners/oft/{config,layer}.py.
import type { Tensor } from '../tensor/tensor.ts'
import type { Unsaid } from './variants/variant.ts'

type Fields = Readonly<Record<string, unknown>>

/** Terms of the series; 0 for none, where the rotation is exact. */
export function termsTold({ use_cayley_neumann: series = true, num_cayley_neumann_terms: terms = 5 }: Fields): number | Unsaid {
  if (typeof series !== 'boolean')
    return { no: '"use_cayley_neumann" of its config is neither true nor false. Get another copy of this adapter.' }
  if (!series) return 0
  // So many powers of a block cost more than what is exact, and are the same.
  if (typeof terms !== 'number' || !Number.isInteger(terms) || terms < 1 || terms > 100)
    return { no: '"num_cayley_neumann_terms" of its config is no number of 1 to 100. Get another copy of this adapter.' }
  return terms
}

/** The blocks (n, b·(b − 1)/2), each within COFT's bound: ‖Q‖ ≤ eps / √n, as PEFT has them before every use. */
export function projected({ shape, data }: Tensor, { coft = false, eps = 6e-5 }: Fields): Tensor | Unsaid {
  if (typeof coft !== 'boolean') return { no: '"coft" of its config is neither true nor false. Get another copy of this adapter.' }
  if (!coft) return { shape, data }
  if (typeof eps !== 'number' || !Number.isFinite(eps) || eps < 0)
    return { no: '"eps" of its config is no length. Get another copy of this adapter.' }
  const [count = 0, numbers = 0] = shape
  const bound = eps / Math.sqrt(count)
  const out = data.slice()
  for (let k = 0; k < count; k++) {
    const block = out.subarray(k * numbers, (k + 1) * numbers)
    // Both triangles.
    const norm = Math.sqrt(2 * block.reduce((sum, value) => sum + value * value, 0))
    if (norm > bound) for (const [i, value] of block.entries()) block[i] = (value * bound) / norm
  }
  return { shape, data: out }
}

interface Blocks {
  /** (n, b·(b − 1)/2) */
  readonly shape: readonly number[]
  readonly terms: number
}

/** Fields from which PEFT builds just these blocks, or why there are none: it has one size for all layers, or one number of blocks. */
export function oftFields(all: readonly Blocks[]): Fields | Unsaid {
  const [terms, ...otherTerms] = [...new Set(all.map((one) => one.terms))]
  if (terms === undefined || otherTerms.length > 0) return { no: 'PEFT has one number of terms of the series for all layers.' }
  const blocks = all.map(({ shape: [count = 0, numbers = 0] }) => ({ count, size: (1 + Math.sqrt(1 + 8 * numbers)) / 2 }))
  const [counts, sizes] = [new Set(blocks.map(({ count }) => count)), new Set(blocks.map(({ size }) => size))]
  // A layer of one block may share it; how wide it is then, only a size tells.
  const shared = counts.size === 1 && counts.has(1)
  const size = [...sizes].find((candidate) =>
    blocks.every((one) => (shared ? candidate : adjusted(one.count * one.size, candidate)) === one.size),
  )
  if (size === undefined && (shared || counts.size > 1))
    return { no: 'Its layers have blocks of sizes that PEFT would not choose together.' }
  const chosen = size === undefined ? { r: [...counts][0], oft_block_size: 0 } : { r: 0, oft_block_size: size }
  return {
    ...chosen,
    rank_pattern: {},
    bias: 'none',
    block_share: shared,
    coft: false,
    fan_in_fan_out: false,
    init_weights: true,
    module_dropout: 0,
    use_cayley_neumann: terms > 0,
    num_cayley_neumann_terms: Math.max(terms, 1),
    // PEFT refuses the series of a config that does not name a version that has it.
    peft_version: '0.18.0',
  }
}

/** The size that PEFT takes where the one that is asked for does not divide the inputs: the nearest that does, the smaller of two. */
function adjusted(inputs: number, size: number): number {
  if (size >= inputs) return inputs
  let [higher, lower] = [size, size]
  while (higher <= inputs && inputs % higher !== 0) higher++
  while (lower > 1 && inputs % lower !== 0) lower--
  return size - lower <= higher - size ? lower : higher
}
