// What is left out of a step: numbers between the matrices of a pair, ranks, whole pairs. Drawn as sd-scripts' networks/lora.py does, but fed as masks
// that follow from seed, step and layer alone, so that a resumed run draws the same.
import type { Dim } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { sizeOfDim, type Sizes } from '../graph/size-of-dim.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { Feeds } from './plan.ts'

/** Shares that are left out, 0 for none. */
export interface Dropouts {
  /** Of the numbers of A·x; the others count 1 / (1 − share). */
  readonly dropout: number
  /** Of the ranks of each sample; the others count 1 / (1 − share). */
  readonly rankDropout: number
  /** Of the pairs; the others count as ever. */
  readonly moduleDropout: number
}

/** Of the options of a variant, undefined where it leaves nothing out. */
export function dropoutsOf(options: Readonly<Record<string, unknown>>): Dropouts | undefined {
  const share = (name: keyof Dropouts): number => (typeof options[name] === 'number' ? options[name] : 0)
  const all = { dropout: share('dropout'), rankDropout: share('rankDropout'), moduleDropout: share('moduleDropout') }
  return Object.values(all).some((one) => one > 0) ? all : undefined
}

/** The axis of the ranks in A·x: channels of a picture come before its sides, features of tokens last. */
const rankAxis = (dims: number): number => (dims === 4 ? 1 : dims - 1)

/** The shape of the mask of A·x: (N, …, R), of ones where all numbers of a rank are left out alike. */
export function maskShape({ shape }: Pick<Value, 'shape'>, { dropout }: Dropouts): readonly Dim[] {
  return dropout > 0 ? shape : shape.map((dim, axis) => (axis === 0 || axis === rankAxis(shape.length) ? dim : 1))
}

/** The numbers behind the symbols of a graph's inputs, by what they are fed with. */
export function sizesOf(inputs: readonly Value[], feeds: Feeds): Sizes {
  const sizes: Record<string, number> = {}
  for (const { name, shape } of inputs)
    for (const [axis, dim] of shape.entries()) {
      const size = feeds[name]?.shape[axis]
      if (typeof dim === 'string' && /^[A-Za-z]\w*$/.test(dim) && size !== undefined) sizes[dim] = size
    }
  return sizes
}

export interface Draw {
  readonly seed: number
  readonly step: number
  readonly micro: number
}

/** The mask of one layer, as its input is called and shaped. */
export function dropMask({ name, shape }: Pick<Value, 'name' | 'shape'>, sizes: Sizes, shares: Dropouts, draw: Draw): Tensor {
  const whole = shape.map((dim) => sizeOfDim(dim, sizes) ?? 1)
  const [samples = 1, axis] = [whole[0], rankAxis(whole.length)]
  const rank = whole[axis] ?? 1
  const count = elementCount(whole)
  const { seed, step, micro } = draw
  // A word of 32 bits falls below p·2³² with the probability p.
  const kept = (part: string, length: number, share: number): Float32Array => {
    if (share === 0) return new Float32Array(length).fill(1)
    const words = randomStream(seed, `${name} ${part} ${micro}`, step).words(length)
    return Float32Array.from(words, (word) => (word < share * 2 ** 32 ? 0 : 1))
  }
  const module = (kept('module', 1, shares.moduleDropout)[0] ?? 1) / ((1 - shares.rankDropout) * (1 - shares.dropout))
  const ranks = kept('rank', samples * rank, shares.rankDropout)
  const data = kept('element', count, shares.dropout)
  const [perSample, behind] = [count / samples, elementCount(whole.slice(axis + 1))]
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / perSample) * rank + (Math.floor(i / behind) % rank)
    data[i] = (data[i] as number) * (ranks[row] as number) * module
  }
  return { shape: whole, data }
}
