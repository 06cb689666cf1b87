// QLoRA's frozen weights: NF4 in blocks of 64, with scales that went through 8 bits. Products take the codes as they are (the runtime's MatMulBnb4);
// convolutions, and gradients by the input, unpack a weight when its turn comes. The runtime wants the scales in fp32: what their 8 bits would save of
// memory (1/20) is not saved, but the numbers are QLoRA's.
import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { unpacked, unpackedTurned } from '../ops/shared/four-bit.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { PackedWeight, Packing, WeightCodec, WeightToPack } from './codec.ts'
import { blockSize, quantise, quantiseScales, scalesOf } from './nf4/quantise.ts'
import { residualPacking } from './nf4/residual.ts'

const options = z.object({
  residualRank: z.int().min(0).max(256).default(0).meta({
    description:
      'how much of each weight is kept apart in 16 bits, as its largest singular vectors, so that the 4 bits have less to hold; 0: none, 16 is usual',
    step: 4,
  }),
})

export const nf4: WeightCodec<typeof options> = {
  name: 'nf4',
  sentence:
    'Keeps the weights of the model in 4 bits, as QLoRA does: a quarter of the memory of 16 bits for longer steps. Choose it where the model does not fit otherwise.',
  options,
  secondsToUnpack: 5e-9,
  packing: ({ residualRank }) => (residualRank > 0 ? residualPacking(plain, residualRank) : plain),
}

/** Of a packing that is told the numbers piece by piece. */
const plain: Packing = {
  holds: (shape) => shape.length > 1 && elementCount(shape) % blockSize === 0,

  outline(shape) {
    const count = elementCount(shape)
    const bytes = new Uint8Array()
    return { codes: { dtype: 'uint8', shape: [count / 2], bytes }, absmax: { dtype: 'float32', shape: [count / blockSize], bytes } }
  },

  async pack({ shape, pieces }: WeightToPack): Promise<PackedWeight> {
    const count = elementCount(shape)
    const [codes, absmax] = [new Uint8Array(count / 2), new Float32Array(count / blockSize)]
    let at = 0
    for await (const piece of pieces()) {
      const made = quantise(piece)
      codes.set(made.codes, at / 2)
      absmax.set(made.absmax, at / blockSize)
      at += piece.length
    }
    absmax.set(scalesOf(quantiseScales(absmax)))
    return {
      codes: { dtype: 'uint8', shape: [codes.length], bytes: codes },
      absmax: { dtype: 'float32', shape: [absmax.length], bytes: new Uint8Array(absmax.buffer) },
    }
  },

  frozen({ codes, absmax }, shape) {
    const [N = 0, ...inputs] = shape
    const K = elementCount(inputs)
    const packed = { codes: codes as Value, absmax: absmax as Value, blockSize, quantType: 1 }
    const { graph } = packed.codes
    return {
      shape,
      product: (x) => graph.op('MatMulBnb4', [x, codes, absmax], { K, N, block_size: blockSize, quant_type: 1 })[0] as Value,
      value(wanted, x) {
        const value = unpacked(packed, wanted, x)
        value.remade = (late) => unpacked(packed, wanted, late)
        if (elementCount(wanted.slice(2)) > 1) value.turned = (late) => unpackedTurned(packed, wanted, late)
        return value
      },
    }
  },
}
