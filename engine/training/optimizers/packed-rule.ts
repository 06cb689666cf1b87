// What optimizers in 8 bits share: a block of the state is unpacked, the parameters move, and the block is packed again.
import { z } from 'zod'
import { elementCount } from '../../tensor/tensor.ts'
import { blockSize, type BlockCodes } from './block-codes.ts'
import type { Layout } from './optimizer.ts'
import type { Span, SpanRule } from './spans.ts'

/** State of a block in fp32, by name, to be changed in place. */
type Unpacked<N extends string> = Readonly<Record<N, Float32Array>>
interface Step {
  readonly lr: number
  readonly step: number
}

/** `move` updates `count` parameters and their state. Kept of state `m`: `mCodes`, one byte a parameter, and `mScales`, one number a block. */
export function packedRule<N extends string>(
  states: Readonly<Record<N, BlockCodes>>,
  move: (theta: Float32Array, gradient: Float32Array, state: Unpacked<N>, count: number, at: Step) => void,
): SpanRule {
  const named = (Object.keys(states) as N[]).map((name) => ({ name, codes: `${name}Codes`, scales: `${name}Scales`, map: states[name] }))
  const unpacked = Object.fromEntries(named.map(({ name }) => [name, new Float32Array(blockSize)])) as Unpacked<N>
  const kept = named.flatMap(({ codes, scales }) => [
    [codes, { type: 'U8', per: 1 }] as const,
    [scales, { type: 'F32', per: blockSize }] as const,
  ])
  return {
    kept: Object.fromEntries(kept) as SpanRule['kept'],
    update(theta, gradient, vectors, at) {
      const held = named.map(({ name, codes, scales, map }) => ({
        state: unpacked[name],
        codes: vectors[codes] as Uint8Array,
        scales: vectors[scales] as Float32Array,
        map,
      }))
      for (let block = 0, from = 0; from < theta.length; block++, from += blockSize) {
        const count = Math.min(blockSize, theta.length - from)
        for (const { state, codes, scales, map } of held) map.read(codes, from, scales[block] ?? 0, count, state)
        move(theta.subarray(from, from + count), gradient.subarray(from, from + count), unpacked, count, at)
        for (const { state, codes, scales, map } of held) scales[block] = map.write(state, count, codes, from)
      }
    },
  }
}

export const min8bitSize = z
  .int()
  .min(0)
  .default(4096)
  .meta({ description: 'tensors with fewer numbers keep their state in 32 bits, as most of a LoRA of low rank do', step: 1024 })

/** Of a tensor whose optimizer keeps so many vectors. */
export function packedBytes(shape: readonly number[], smallest: number, vectors: number): number {
  const size = elementCount(shape)
  return vectors * (size < smallest ? 4 * size : size + 4 * Math.ceil(size / blockSize))
}

/** Each tensor by itself, so that no block holds numbers of two: large ones in 8 bits, small ones in 32. */
export function tensorSpans({ placements, ranges }: Layout, { packed, plain, smallest }: PackedOrPlain): Span[] {
  return placements.map(({ shape, offset }) => {
    const size = elementCount(shape)
    const rate = ranges.find(({ from, to }) => offset >= from && offset < to)?.rate ?? 1
    return { from: offset, to: offset + size, rate, rule: size < smallest ? plain : packed }
  })
}
interface PackedOrPlain {
  readonly packed: SpanRule
  readonly plain: SpanRule
  readonly smallest: number
}
