// What is made of a step's noise before a latent is noised with it: each kind by fields of its own, one after the other.
import type { TrainRequest } from '../../requests/train.ts'
import type { RandomStream } from '../../tensor/philox.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { noiseKinds } from './index.ts'

export interface NoiseStep {
  /** Clean, (N, C, H, W). */
  readonly latents: Tensor
  /** The draws of this micro-batch for a purpose: a pure function of the step. */
  readonly random: (purpose: string) => RandomStream
}

export type Reshaped = (noise: Tensor, step: NoiseStep) => Tensor

export interface OpenNoise {
  /** The noise that is put on the latents and that targets are made of. */
  readonly noise?: Reshaped
  /** That which is put on them alone: the target keeps what it was. */
  readonly seen?: Reshaped
  /** sd-scripts' keys for it. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface NoiseKind {
  readonly name: string
  /** Nothing where a request does not ask for it. Throws `field-needs` where it has options of it alone. */
  open(request: Partial<TrainRequest>): OpenNoise | undefined
}

/** All that a request asks for. Throws `field-needs`. */
export function noisesOf(request: Partial<TrainRequest>) {
  const asked = noiseKinds.flatMap((kind) => kind.open(request) ?? [])
  const through = (parts: readonly (Reshaped | undefined)[]): Reshaped | undefined => {
    const steps = parts.filter((part) => part !== undefined)
    return steps.length === 0 ? undefined : (noise, step) => steps.reduce((before, reshape) => reshape(before, step), noise)
  }
  return {
    noise: through(asked.map(({ noise }) => noise)),
    seen: through(asked.map(({ seen }) => seen)),
    metadata: Object.assign({}, ...asked.map(({ metadata }) => metadata)) as Readonly<Record<string, string>>,
  }
}
