// QLoRA's frozen weights: NF4 in blocks of 64, with scales that went through 8 bits. Products take the codes as they are (the runtime's MatMulBnb4);
// convolutions, and gradients by the input, unpack a weight when its turn comes. The runtime wants the scales in fp32: what their 8 bits would save of
// memory (1/20) is not saved, but the numbers are QLoRA's.
import type { Value } from '../graph/graph.ts'
import { unpacked } from '../ops/shared/four-bit.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { WeightCodec } from './codec.ts'
import { blockSize, quantise, quantiseScales, scalesOf } from './nf4/quantise.ts'

export const nf4: WeightCodec = {
  name: 'nf4',
  sentence:
    'Keeps the weights of the model in 4 bits, as QLoRA does: a quarter of the memory of 16 bits for longer steps. Choose it where the model does not fit otherwise.',
  packing: {
    holds: (shape) => shape.length > 1 && elementCount(shape) % blockSize === 0,

    outline(shape) {
      const count = elementCount(shape)
      const bytes = new Uint8Array()
      return { codes: { dtype: 'uint8', shape: [count / 2], bytes }, absmax: { dtype: 'float32', shape: [count / blockSize], bytes } }
    },

    pack({ data }) {
      const { codes, absmax } = quantise(data)
      const scales = scalesOf(quantiseScales(absmax))
      return {
        codes: { dtype: 'uint8', shape: [codes.length], bytes: codes },
        absmax: { dtype: 'float32', shape: [scales.length], bytes: new Uint8Array(scales.buffer) },
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
          return value
        },
      }
    },
  },
}
