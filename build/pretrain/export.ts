// Last stage: the trained networks as a diffusers folder. node build/pretrain/export.ts [folder]
import { join } from 'node:path'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { modelFolder, text, unet } from './architecture.ts'
import { diffusionTraining } from './graphs.ts'
import { averagedWeights } from './course-checkpoints.ts'
import { trainingLatents } from './train-unet.ts'
import { finishedAutoencoder } from './trained-vae.ts'
import { writeModel } from './write-model.ts'

const folder = process.argv[2] ?? modelFolder
const tokenizer = await loadClipTokenizer({
  vocab: join(modelFolder, 'tokenizer/vocab.json'),
  merges: join(modelFolder, 'tokenizer/merges.txt'),
})
const clip = text(tokenizer.vocabSize)
const autoencoder = await finishedAutoencoder((await trainingLatents()).autoencoder)
const diffusion = await averagedWeights('work/pretrain/unet', diffusionTraining(unet, clip).trained)
await writeModel(folder, { unet, clip, diffusion, autoencoder })
console.log(`written to ${folder}`)
