import type { Family } from '../../../engine/checkpoint/config.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { usualSide } from '../../../engine/models/picture-sizes.ts'
import { publishedCheckpoint } from '../../../engine/models/published-checkpoint.ts'
import { trainRequest } from '../../../engine/requests/train.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'
import { trainingMemory } from '../../../engine/training/training-memory.ts'

/** Of what drawing a picture holds beside weights, for each of its pixels; an estimate. */
const ofPixel = 2000

type MemoryQuestion = ({ readonly path: string } | { readonly family: Family }) & { readonly threads: number }

/** Bytes to draw one picture of a model's usual size with weights in fp32, and to train rank 16 with batch 1, recomputing what can be; of a file, or of what is published of a family. */
export async function modelMemory({ threads, ...of }: MemoryQuestion): Promise<{ generate: number; train: number }> {
  const checkpoint = 'path' in of ? await openCheckpoint(of.path) : publishedCheckpoint(of.family)
  const { unet, vae, textEncoders } = checkpoint
  const side = usualSide({ unet, vae })
  const weights = [unet, vae, ...textEncoders].flatMap((network) => [...network.weights.values()])
  const parameters = weights.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const request = trainRequest.parse({ dataset: '.', rank: 16, alpha: 16, batch: 1, recompute: true })
  return { generate: parameters * 4 + side * side * ofPixel, train: trainingMemory(checkpoint, request, { side, threads }) }
}
