import { mayEqual, slide } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { concat, conv, gather, ints, matMul, pad, reduceSum, reshape, reshapeTo, shapeOf, slice, transpose } from '../graph/math.ts'
import { required, shapeError, type GradientContext, type OpDefinition } from '../graph/op.ts'

const end = Number.MAX_SAFE_INTEGER

/** 2-D convolution, (N, C, H, W) * (O, C, kh, kw) + (O). */
export const Conv: OpDefinition = {
  name: 'Conv',
  inputs: ['X', 'W', 'B'],
  attributes: { strides: 'ints', pads: 'ints' },
  precision: 'half',
  infer(context) {
    const x = required(context, 0, 'X')
    const w = required(context, 1, 'W')
    const { strides, pads } = window(context.attributes)
    const [, channels = 0, kh = 1, kw = 1] = w.shape as number[]
    if (x.rank !== 4 || !mayEqual(x.dim(1), channels) || x.dtype !== w.dtype)
      throw shapeError(context.where, `${channels} input channels`, x, w)
    const high = slide(x.dim(2), pads[0]! + pads[2]!, kh, strides[0]!)
    const wide = slide(x.dim(3), pads[1]! + pads[3]!, kw, strides[1]!)
    return [{ dtype: x.dtype, shape: [x.dim(0), w.dim(0), high, wide] }]
  },
  gradient: (context) => ({
    X: () => inputGradient(context),
    W: () => weightGradient(context),
    B: () => reduceSum(context.grad(), [0, 2, 3], false),
  }),
}

export function window(attributes: GradientContext['attributes']): { strides: readonly number[]; pads: readonly number[] } {
  return {
    strides: (attributes.strides as readonly number[] | undefined) ?? [1, 1],
    pads: (attributes.pads as readonly number[] | undefined) ?? [0, 0, 0, 0],
  }
}

/**
 * Stride 1: a convolution with the flipped, transposed weight, which runs faster than the transposed convolution.
 * With a stride the last rows may belong to no window: make them all, then cut to X's size.
 */
function inputGradient({ grad, input, node, attributes }: GradientContext): Value {
  const { strides, pads } = window(attributes)
  const weight = node.inputs[1] as Value
  const [, , kh = 1, kw = 1] = weight.shape as number[]
  if (strides.every((stride) => stride === 1)) {
    const [top = 0, left = 0, bottom = 0, right = 0] = pads
    return conv(grad(), weight.turned?.(grad()) ?? turned(input(1)), undefined, {
      pads: [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right],
    })
  }
  const w = input(1)
  const dx = w.graph.op('ConvTranspose', [grad(), w], { strides, pads, output_padding: strides.map((stride) => stride - 1) })[0]!
  const size = (axis: number) => shapeOf(input(0), axis, axis + 1)
  return slice(slice(dx, 2, 0, size(2)), 3, 0, size(3))
}

/** (O, C, kh, kw) → (C, O, kh, kw), each kernel turned by half a circle: its places in one row, which is four times as fast as axis by axis. */
function turned(w: Value): Value {
  const [outputs = 1, channels = 1, kh = 1, kw = 1] = w.shape as number[]
  if (kh * kw === 1) return transpose(w, [1, 0, 2, 3])
  const row = slice(reshape(w, [outputs, channels, kh * kw]), 2, -1, Number.MIN_SAFE_INTEGER, -1)
  return reshape(transpose(row, [1, 0, 2]), [channels, outputs, kh, kw])
}

/** dW = dY · patches of X. Where X's size is known the patches are one Gather of rows, else a slice for each place of the kernel. */
function weightGradient(context: GradientContext): Value {
  const { grad, input, attributes } = context
  const { strides, pads } = window(attributes)
  const [outputs = 0, channels = 0, kh = 1, kw = 1] = input(1).shape as number[]
  const padded = pads.some((n) => n > 0) ? pad(input(0), [0, 0, pads[0]!, pads[1]!, 0, 0, pads[2]!, pads[3]!]) : input(0)
  const rows = transpose(padded, [0, 2, 3, 1]) // (N, H, W, C)
  const [, high, wide] = rows.shape
  const [down, across] = [grad().dim(2), grad().dim(3)]
  if ([high, wide, down, across].some((dim) => typeof dim !== 'number')) return slicedWeightGradient(context, rows)
  const cells = (down as number) * (across as number)
  // A window at (y, x) reads the rows (y·stride + i, x·stride + j).
  const places: number[] = []
  for (let y = 0; y < (down as number); y++)
    for (let x = 0; x < (across as number); x++)
      for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) places.push((y * strides[0]! + i) * (wide as number) + x * strides[1]! + j)
  const flat = reshape(rows, [0, -1, channels])
  const patches =
    places.every((place, i) => place === i) && places.length === (high as number) * (wide as number)
      ? flat
      : gather(flat, ints(flat.graph, places), 1)
  const width = kh * kw * channels
  // With few outputs a product for each sample keeps more of a card busy than one long product; with many its results would be too large.
  const product =
    outputs < cells
      ? reduceSum(matMul(reshape(grad(), [0, outputs, cells]), reshape(patches, [0, cells, width])), [0], false)
      : matMul(reshape(transpose(grad(), [1, 0, 2, 3]), [outputs, -1]), reshape(patches, [-1, width]))
  return reshape(transpose(reshape(product, [outputs, kh * kw, channels]), [0, 2, 1]), [outputs, channels, kh, kw])
}

/**
 * dW[:, :, i, j] = dY · X(shifted by i, j), one matrix product for each place of the kernel, from X as (N, H, W, C).
 * On a CPU that is about twice as fast as one convolution over transposed axes.
 */
function slicedWeightGradient({ grad, input, attributes }: GradientContext, x: Value): Value {
  const { strides } = window(attributes)
  const [outputs = 0, channels = 0, kh = 1, kw = 1] = input(1).shape as number[]
  const dy = reshape(transpose(grad(), [1, 0, 2, 3]), [outputs, -1]) // (O, N·H·W)
  const products: Value[] = []
  for (let i = 0; i < kh; i++) {
    // A window that starts at row i ends kh − 1 − i rows before the last.
    const rows = kh === 1 && strides[0] === 1 ? x : slice(x, 1, i, i - (kh - 1) || end, strides[0])
    for (let j = 0; j < kw; j++) {
      const patch = kw === 1 && strides[1] === 1 ? rows : slice(rows, 2, j, j - (kw - 1) || end, strides[1])
      products.push(matMul(dy, reshape(patch, [-1, channels]))) // (O, C)
    }
  }
  const stacked = reshape(concat(products, 0), [kh * kw, outputs, channels])
  return reshapeTo(transpose(stacked, [1, 2, 0]), shapeOf(input(1))) // (O, C, kh, kw)
}
