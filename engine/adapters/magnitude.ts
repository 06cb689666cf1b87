// Magnitudes beside whatever changes a weight (Liu et al. 2024, "DoRA", arXiv 2402.09353): W′ = m ⊙ V / ‖V‖ with V = W + ΔW, a magnitude m for each
// output row, or each input column.
//
// With g = m / ‖V‖ this is W′ − W = (g − 1) ⊙ W + g ⊙ ΔW, so that strengths are inputs of the graph wherever ΔW's are. At a strength w it is
// W + w·(W′ − W), as ComfyUI and A1111 have it; LyCORIS' `multiplier` acts inside V as well. The norm is that of V (peft, LyCORIS, kohya);
// ComfyUI divides by ‖W‖ where magnitudes stand by output. LyCORIS adds the epsilon of the dtype to the norm, which is below what fp32 shows.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { LowRank } from './low-rank.ts'
import { type Change, addTerm, type BaseWeight, type Side, type Term } from './term.ts'

/** (O, 1, …) by output, (1, I, …) by input. */
export const sideOf = ({ shape: [first = 0, second = 1] }: Tensor): Side => (first === 1 && second > 1 ? 'input' : 'output')

/** The shape that a file's magnitudes are kept in, and whether they have it but for the place of their ones. */
export function magnitudeFit(
  [O = 0, I = 0, ...kernel]: readonly number[],
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): { readonly shape: readonly number[]; readonly accepted: boolean } {
  const [first = 0, second = 1, ...rest] = shape
  const ones = kernel.map(() => 1)
  const plain = rest.every((side) => side === 1)
  // Only LyCORIS' key has magnitudes by input; PEFT's convolutions have (1, O, 1, 1).
  const byInput = name.endsWith('.dora_scale') && first === 1 && second === I && second > 1
  const byOutput = (first === O && second === 1) || (first === 1 && second === O)
  return { shape: byInput ? [1, I, ...ones] : [O, 1, ...ones], accepted: plain && (byInput || byOutput) }
}

/** ‖W‖ of each output row, or each input column, of (O, I, …). */
export function norms({ shape, data }: Tensor, side: Side): Float32Array {
  const [outputs = 0, inputs = 0] = shape
  const window = data.length / (outputs * inputs)
  const squares = new Float64Array(side === 'output' ? outputs : inputs)
  for (let i = 0; i < data.length; i++) {
    const channel = side === 'output' ? Math.floor(i / (inputs * window)) : Math.floor(i / window) % inputs
    squares[channel] = (squares[channel] ?? 0) + (data[i] ?? 0) ** 2
  }
  return Float32Array.from(squares, Math.sqrt)
}

/** What W′ − W is made of, where `change` alone is ΔW. */
export async function withMagnitude(change: Change, magnitude: Tensor, base: BaseWeight): Promise<readonly Term[]> {
  const side = sideOf(magnitude)
  const lengths = await lengthsOf(change, side, base)
  const by = magnitude.data.map((m, i) => (lengths[i] ? m / lengths[i] : 1))
  return [{ kind: 'gain', side, by }, scaled(change, side, by)]
}

/** ‖W + ΔW‖ by channel. The weight is let go of; what stays is as long as its side. */
async function lengthsOf(change: Change, side: Side, base: BaseWeight): Promise<Float32Array> {
  if (side === 'output' && change.kind === 'low-rank' && base.rowNorms) return base.rowNorms(change)
  const { shape, data } = await base.read()
  const v = data.slice()
  addTerm(v, { shape, data }, change, 1)
  return norms({ shape, data: v }, side)
}

/** g ⊙ ΔW. */
function scaled(change: Change, side: Side, by: Float32Array): Term {
  if (change.kind === 'low-rank') return { kind: 'low-rank', ...scaledPair(change, side, by) }
  const { shape, data } = change.delta
  return { kind: 'dense', delta: { shape, data: side === 'output' ? timesRows(data, by) : timesColumns(change.delta, by) } }
}

/** g ⊙ B, or A with its columns scaled. */
function scaledPair({ down, up, alpha }: LowRank, side: Side, by: Float32Array): LowRank {
  if (side === 'output') return { down, up: { shape: up.shape, data: timesRows(up.data, by) }, alpha }
  return { down: { shape: down.shape, data: timesColumns(down, by) }, up, alpha }
}

function timesRows(data: Float32Array, by: Float32Array): Float32Array {
  const width = data.length / by.length
  return data.map((value, i) => value * (by[Math.floor(i / width)] ?? 1))
}

function timesColumns({ shape, data }: Tensor, by: Float32Array): Float32Array {
  const window = elementCount(shape.slice(2))
  return data.map((value, i) => value * (by[Math.floor(i / window) % by.length] ?? 1))
}
