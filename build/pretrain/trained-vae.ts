// The autoencoder as far as it is trained: the averaged weights of its own stage, and of the decoder's stage where that has run.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { side, vae } from './architecture.ts'
import { decoderTraining, finishTraining, vaeTraining } from './graphs.ts'
import { averagedWeights, newestCheckpoint } from './course-checkpoints.ts'

export const vaeFolder = 'work/pretrain/vae'
export const decoderFolder = 'work/pretrain/decoder'
export const finishFolder = 'work/pretrain/finish'
/** Lies there when the autoencoder's latents are scaled already. */
export const scaledMark = join(vaeFolder, 'scaled')

/** Whether a file was made with the encoder that is trained now. */
export function madeSinceTraining(file: string): boolean {
  const checkpoint = newestCheckpoint(vaeFolder)
  return checkpoint !== undefined && existsSync(file) && statSync(file).mtimeMs > statSync(checkpoint).mtimeMs
}

/** Both halves as they left the first stage. */
export const fullAutoencoder = (): Promise<Map<string, Tensor>> => averagedWeights(vaeFolder, vaeTraining(vae, side, 0).trained)

/** The same with the better decoder, if there is one. */
export async function trainedAutoencoder(): Promise<Map<string, Tensor>> {
  const weights = await fullAutoencoder()
  if (!newestCheckpoint(decoderFolder)) return weights
  return new Map([...weights, ...(await averagedWeights(decoderFolder, decoderTraining(vae, side).trained))])
}

/** The autoencoder of the scaled latents with the finished decoder, if there is one: what is shipped. */
export async function finishedAutoencoder(scaled: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  if (!newestCheckpoint(finishFolder)) return new Map(scaled)
  return new Map([...scaled, ...(await averagedWeights(finishFolder, finishTraining(vae, side).trained))])
}
