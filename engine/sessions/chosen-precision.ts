// In how many bits a model is computed, of what was asked for, what its device proved, and how its file has it.
import type { Checkpoint } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import type { AskedPrecision, ComputePrecision } from '../requests/compute-precision.ts'
import type { Provider } from '../runtime/session.ts'
import { elementCount } from '../tensor/tensor.ts'

export interface PrecisionFacts {
  readonly provider: Provider
  /** What the device's self-test proved beside fp32; without it, what is asked for is taken as it is. */
  readonly proven?: readonly ComputePrecision[] | undefined
}

/** Throws `precision-unusable` where a device cannot compute what was asked for. */
export function chosenPrecision(
  asked: AskedPrecision,
  checkpoint: Pick<Checkpoint, 'unet'>,
  { provider, proven }: PrecisionFacts,
): ComputePrecision {
  if (asked === 'auto') return proven?.includes('fp16') && storedInHalf(checkpoint) ? 'fp16' : 'fp32'
  // The CPU casts there and back: it is how fp16 is looked at where there is no card.
  const usable = provider === 'cpu' ? asked !== 'bf16' : asked === 'fp32' || !proven || proven.includes(asked)
  if (usable) return asked
  throw new PigmentError(
    'precision-unusable',
    `The device "${provider}" does not compute ${asked} rightly on this machine. Choose fp32, or "auto", which takes what the device can do.`,
    { provider, asked, proven: proven ?? [] },
  )
}

/** Most of the UNet's numbers lie in 16 bits. */
function storedInHalf({ unet: { weights } }: Pick<Checkpoint, 'unet'>): boolean {
  const sizes = { half: 0, all: 0 }
  for (const { dtype, shape } of weights.values()) {
    sizes.all += elementCount(shape)
    if (dtype === 'float16' || dtype === 'bfloat16') sizes.half += elementCount(shape)
  }
  return sizes.half > sizes.all / 2
}
