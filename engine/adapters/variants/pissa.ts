// Meng et al. 2024, "PiSSA" (arXiv 2404.02948), as peft saves it without conversion: W = U·S·Vᵀ, and its R largest singular values with their vectors
// were the first pair, which PEFT took out of the weight whatever the scale. Reference: peft tuners/lora/layer.py (pissa_init).
import { leadingVectors } from '../../linear-algebra/leading.ts'
import { matrixOf } from '../../linear-algebra/matrix.ts'
import { startedVariant } from '../started-pair.ts'
import type { AdapterVariant } from './variant.ts'

export const pissa: AdapterVariant = startedVariant({
  name: 'pissa',
  title: 'PiSSA',
  word: 'pissa',
  taken: () => 1,
  basis: (weight, rank) => leadingVectors(matrixOf(weight), rank).vectors,
})
