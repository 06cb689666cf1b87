// Büyükakyüz 2024, "OLoRA" (arXiv 2406.01775), as peft saves it without conversion: W = Q·R, and the first R columns of Q, which are those of W made
// orthonormal, with what W has along them, were the first pair. Reference: peft tuners/lora/layer.py (olora_init).
import type { Tensor } from '../../tensor/tensor.ts'
import { startedVariant } from '../started-pair.ts'
import { orthonormal } from '../../linear-algebra/orthogonal.ts'
import type { AdapterVariant } from './variant.ts'

export const olora: AdapterVariant = startedVariant({
  name: 'olora',
  title: 'OLoRA',
  word: 'olora',
  taken: (scale) => scale,
  basis({ shape: [O = 0, I = 0], data }: Tensor, rank) {
    const columns = Array.from({ length: Math.min(rank, O, I) }, (_, r) =>
      Float64Array.from({ length: O }, (__, o) => data[o * I + r] ?? 0),
    )
    return orthonormal(columns)
  },
})
