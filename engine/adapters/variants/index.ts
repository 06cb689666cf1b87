// Written by build/write-indexes.ts; do not edit. One adapter variant a file; those that can be trained apart.
import type { AdapterVariant, TrainableVariant } from './variant.ts'
import { adalora } from './adalora.ts'
import { bias } from './bias.ts'
import { dora } from './dora.ts'
import { fourierft } from './fourierft.ts'
import { full } from './full.ts'
import { glora } from './glora.ts'
import { ia3 } from './ia3.ts'
import { ia3Peft } from './ia3-peft.ts'
import { loha } from './loha.ts'
import { lokr } from './lokr.ts'
import { lora } from './lora.ts'
import { loraBias } from './lora-bias.ts'
import { oft } from './oft.ts'
import { oftV2 } from './oft-v2.ts'
import { olora } from './olora.ts'
import { pissa } from './pissa.ts'
import { setBias } from './set-bias.ts'
import { setWeight } from './set-weight.ts'
import { tucker } from './tucker.ts'
import { vera } from './vera.ts'

export const variants: readonly AdapterVariant[] = [
  adalora,
  bias,
  dora,
  fourierft,
  full,
  glora,
  ia3,
  ia3Peft,
  loha,
  lokr,
  lora,
  loraBias,
  oft,
  oftV2,
  olora,
  pissa,
  setBias,
  setWeight,
  tucker,
  vera,
]
export const trainableVariants: readonly TrainableVariant[] = [dora, ia3, loha, lokr, lora, oft]
