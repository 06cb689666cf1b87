// Stage 2: the text encoder learns what words look like, by foretelling small pictures from captions. node build/pretrain/train-text.ts [steps]
import { join } from 'node:path'
import { initialize } from '../../engine/models/initialize.ts'
import { clipModules } from '../../engine/models/keys/clip-modules.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { modelFolder, side, text } from './architecture.ts'
import { loadData } from './data/prepare.ts'
import { captionIds, drawVariants, trainingVariants, variantPixels, type Variant } from './data/variants.ts'
import { textTraining, thumbnailSide } from './graphs.ts'
import { trainAll } from './train-all.ts'
import { threads } from './place.ts'

const work = 'work/pretrain'
const batch = 128
const values = thumbnailSide ** 2 * 3

/** Means over squares of an RGB picture, in [−1, 1]. */
function thumbnail(rgb: Uint8Array, out: Float32Array): void {
  const step = side / thumbnailSide
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++) {
        const cell = (Math.floor(y / step) * thumbnailSide + Math.floor(x / step)) * 3 + c
        out[cell] = (out[cell] ?? 0) + ((rgb[(y * side + x) * 3 + c] ?? 255) / 127.5 - 1) / (step * step)
      }
}

const cache = loadData(work)
const variants = trainingVariants(cache)
const thumbnails = new Float32Array(variants.length * values)
variants.forEach((variant, i) => thumbnail(variantPixels(cache, variant), thumbnails.subarray(i * values, (i + 1) * values)))
const tokenizer = await loadClipTokenizer({
  vocab: join(modelFolder, 'tokenizer/vocab.json'),
  merges: join(modelFolder, 'tokenizer/merges.txt'),
})
const clip = text(tokenizer.vocabSize)
const initial = new Map<string, Tensor>()
for (const [key, value] of initialize(clipModules(clip), 3)) initial.set(`text_encoder/${key}`, value)
initial.set('head.weight', {
  shape: [clip.width, values],
  data: randomStream(4, 'head', 0)
    .normal(clip.width * values)
    .map((x) => x * 0.02),
})
initial.set('head.bias', { shape: [values], data: new Float32Array(values) })

await trainAll(textTraining(clip), {
  folder: join(work, 'text'),
  steps: Number(process.argv[2] ?? 1500),
  lr: 2e-3,
  warmup: 100,
  weightDecay: 0.01,
  decay: 0.99,
  threads,
  initial: () => initial,
  report: console.log,
  feed(step) {
    const drawn = drawVariants(variants.length, batch, 12, step, { plain: 0.55, restyled: 0 })
    const target = new Float32Array(batch * values)
    drawn.forEach((index, n) => target.set(thumbnails.subarray(index * values, (index + 1) * values), n * values))
    const ids = captionIds(
      drawn.map((index) => variants[index] as Variant),
      cache.records,
      tokenizer,
      clip,
      step,
    )
    return { ids, target: { shape: [batch, values], data: target } }
  },
})
