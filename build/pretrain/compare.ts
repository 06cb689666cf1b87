// Designs of the UNet at equal compute: each gets as many steps as cost the same multiplications, on the same latents, captions and noise. Each is
// written as a model, so that its pictures can be looked at (build/eval/models-sheet.ts). node build/pretrain/compare.ts [steps of the first] [folder]
import { join } from 'node:path'
import { Graph, type Node } from '../../engine/graph/graph.ts'
import type { UNetConfig } from '../../engine/checkpoint/config.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import { modelFolder, text, unet } from './architecture.ts'
import { loadData } from './data/prepare.ts'
import { diffusionTraining, type TrainingGraph } from './graphs.ts'
import { trainAll } from './train-all.ts'
import { byDevice, place, provider, threads } from './place.ts'
import { inline } from './rounds/inline.ts'
import { diffusionFeed, initialWeights, sharedCopy, trainingLatents, type CourseOptions } from './train-unet.ts'
import { finishedAutoencoder } from './trained-vae.ts'
import { writeModel } from './write-model.ts'

const designs: Readonly<Record<string, UNetConfig>> = {
  'widths 128 · 224': unet,
  'widths 96 · 192, two resnets': { ...unet, blockOutChannels: [96, 192], heads: [3, 6], layersPerBlock: 2 },
  'widths 160 · 160': { ...unet, blockOutChannels: [160, 160], heads: [5, 5] },
}

const steps = Number(process.argv[2] ?? 600)
const folder = process.argv[3] ?? 'work/compare'
const batch = byDevice(32, 512)
const { records } = loadData('work/pretrain')
const files = { vocab: join(modelFolder, 'tokenizer/vocab.json'), merges: join(modelFolder, 'tokenizer/merges.txt') }
const tokenizer = await loadClipTokenizer(files)
const clip = text(tokenizer.vocabSize)
const { latents: made, pictures, autoencoder: scaled } = await trainingLatents()
const autoencoder = await finishedAutoencoder(scaled)
const latents = sharedCopy(made)
const feed = diffusionFeed({ latents, pictures, records, tokenizer, clip, shares: { plain: 0.85, restyled: 0 } }, batch)
const options: CourseOptions = { shares: { plain: 0.85, restyled: 0 }, batch, latents }

/** Multiplications of matrix products and convolutions in one step, by the shapes of its graph. */
function multiplications({ graph, trained }: TrainingGraph, feeds: Record<string, Feed>): number {
  const sized = new Graph(graph.name)
  const given = graph.inputs.map((input) => {
    const shape = trained.includes(input) ? input.shape : (feeds[input.name]?.shape ?? [])
    return [input.name, sized.input(input.name, input.dtype, shape)] as const
  })
  inline(graph, sized, new Map(given))
  const of = ({ op, inputs: [x, w], outputs: [y] }: Node): number => {
    const size = elementCount((y?.shape ?? []) as number[])
    if (op === 'MatMul') return size * (x?.dim(-1) as number)
    if (op === 'Conv') return size * elementCount((w?.shape ?? []).slice(1) as number[])
    if (op === 'ConvTranspose') return elementCount((x?.shape ?? []) as number[]) * elementCount((w?.shape ?? []).slice(1) as number[])
    return 0
  }
  return sized.nodes.reduce((sum, node) => sum + of(node), 0)
}

let budget = NaN
for (const [name, config] of Object.entries(designs)) {
  const training = diffusionTraining(config, clip)
  const cost = multiplications(training, feed(0))
  if (Number.isNaN(budget)) budget = steps * cost
  const initial = await initialWeights(config, clip)
  const numbers = [...initial].reduce((sum, [key, { data }]) => sum + (key.startsWith('unet/') ? data.length : 0), 0)
  const own = Math.round(budget / cost)
  const weights = await trainAll(training, {
    folder: join(folder, name, 'checkpoint'),
    steps: own,
    lr: 1e-3,
    warmup: 100,
    weightDecay: 0.01,
    decay: 0.995,
    ...place,
    saveEvery: Infinity,
    lanes: 2,
    source: { module: new URL('train-unet.ts', import.meta.url).href, options: { ...options, design: config } },
    initial: () => initial,
    report: console.log,
    feed,
  })
  await writeModel(join(folder, name), { unet: config, clip, diffusion: weights, autoencoder })

  // The loss on pictures, captions, timesteps and noise that are the same for every design and that no step was fed with.
  await using session = await Session.create(training.graph, { threads, provider })
  let loss = 0
  const fresh = diffusionFeed({ latents, pictures, records, tokenizer, clip, shares: { plain: 0.85, restyled: 0 } }, 32)
  for (let i = 0; i < 16; i++)
    loss += ((await session.run({ ...Object.fromEntries(weights), ...fresh(1e6 + i) })).loss?.data[0] ?? NaN) / 16
  console.log(
    `${name}: ${(numbers / 1e6).toFixed(1)} M, ${((numbers * 2) / 2 ** 20).toFixed(0)} MB as fp16, ${(cost / batch / 1e9).toFixed(2)} G multiplications a sample, ${own} steps of ${batch}, loss ${loss.toFixed(4)}`,
  )
}
