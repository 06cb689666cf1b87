// The autoencoder as far as it is trained: the averaged weights of its own stage, and of the decoder's stage where that has run.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { side, vae } from './architecture.ts'
import { decoderTraining, vaeTraining } from './graphs.ts'
import { averagedWeights } from './loop.ts'

export const vaeFolder = 'work/pretrain/vae'
export const decoderFolder = 'work/pretrain/decoder'

/** Both halves as they left the first stage. */
export const fullAutoencoder = (): Promise<Map<string, Tensor>> => averagedWeights(vaeFolder, vaeTraining(vae, side, 0).trained)

/** The same with the better decoder, if there is one. */
export async function trainedAutoencoder(): Promise<Map<string, Tensor>> {
  const weights = await fullAutoencoder()
  if (!existsSync(join(decoderFolder, 'checkpoint.safetensors'))) return weights
  return new Map([...weights, ...(await averagedWeights(decoderFolder, decoderTraining(vae, side).trained))])
}
