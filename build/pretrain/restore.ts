// Checkpoints from a finished model, so that training goes on from it, on the same pictures or on others. Moments start anew.
// node build/pretrain/restore.ts [model] [--step N]
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { modelFolder, side, text, unet, vae } from './architecture.ts'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { diffusionTraining, vaeTraining, type TrainingGraph } from './graphs.ts'
import { newestCheckpoint, saveWeights } from './course-checkpoints.ts'
import { scaledMark, vaeFolder } from './trained-vae.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { step: { type: 'string', default: '1' } } })
const from = positionals[0] ?? modelFolder

/** Every tensor of one of the model's files, its name behind `prefix`. */
async function weightsOf(path: string, prefix = ''): Promise<[string, Tensor][]> {
  const file = await openSafetensors(join(from, path))
  return Promise.all([...file.entries.keys()].map(async (name): Promise<[string, Tensor]> => [prefix + name, await readTensor(file, name)]))
}

async function restore(folder: string, { trained }: TrainingGraph, weights: readonly [string, Tensor][]): Promise<boolean> {
  if (newestCheckpoint(folder)) {
    console.log(`${folder} has a checkpoint already; it stays.`)
    return false
  }
  const size = await saveWeights(folder, trained, new Map(weights), Number(values.step))
  console.log(`${folder}: ${size} weights of ${from}, as step ${values.step}`)
  return true
}

const tokenizer = await loadClipTokenizer({
  vocab: join(from, 'tokenizer/vocab.json'),
  merges: join(from, 'tokenizer/merges.txt'),
})
if (await restore(vaeFolder, vaeTraining(vae, side, 0), await weightsOf('vae/diffusion_pytorch_model.safetensors')))
  await writeFile(scaledMark, '')
await restore('work/pretrain/unet', diffusionTraining(unet, text(tokenizer.vocabSize)), [
  ...(await weightsOf('unet/diffusion_pytorch_model.safetensors', 'unet/')),
  ...(await weightsOf('text_encoder/model.safetensors', 'text_encoder/')),
])
