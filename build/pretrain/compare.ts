// Designs of the UNet at equal compute: each gets as many steps as fit into the same CPU time, on the same latents, captions and noise.
// node build/pretrain/compare.ts [CPU seconds a design]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UNetConfig } from '../../engine/models/config.ts'
import { Session } from '../../engine/runtime/session.ts'
import { loadClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { modelFolder, text, unet } from './architecture.ts'
import { loadData } from './data/prepare.ts'
import { diffusionTraining } from './graphs.ts'
import { trainAll } from './loop.ts'
import { diffusionFeed, initialWeights, trainingLatents } from './train-unet.ts'

const designs: Readonly<Record<string, UNetConfig>> = {
  'widths 128 · 224': unet,
  'widths 96 · 192': { ...unet, blockOutChannels: [96, 192], heads: [3, 6] },
  'widths 128 · 192 · 256': { ...unet, blockOutChannels: [128, 192, 256], heads: [4, 6, 8], transformerLayers: [1, 1, 1] },
  'widths 160 · 160': { ...unet, blockOutChannels: [160, 160], heads: [5, 5] },
}

const budget = Number(process.argv[2] ?? 300)
const batch = 32
const threads = Number(process.env.PIGMENT_THREADS ?? 2)
const { records } = loadData('work/pretrain')
const files = { vocab: join(modelFolder, 'tokenizer/vocab.json'), merges: join(modelFolder, 'tokenizer/merges.txt') }
const tokenizer = await loadClipTokenizer(files)
const clip = text(tokenizer.vocabSize)
const { latents, pictures } = await trainingLatents()
const data = { latents, pictures, records, tokenizer, clip, plainShare: 0.55 }
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6

console.log(`${budget} CPU seconds a design, ${threads} threads, batch ${batch}`)
for (const [name, config] of Object.entries(designs)) {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-compare-'))
  try {
    const initial = await initialWeights(config, clip)
    const graph = diffusionTraining(config, clip)
    const numbers = [...initial].reduce((sum, [key, { data }]) => sum + (key.startsWith('unet/') ? data.length : 0), 0)
    const options = {
      lr: 1e-3,
      warmup: 50,
      weightDecay: 0.01,
      decay: 0.99,
      threads,
      initial: () => initial,
      report: () => undefined,
      saveEvery: Infinity,
    }
    const run = (steps: number, where: string) =>
      trainAll(graph, { ...options, steps, folder: join(folder, where), feed: diffusionFeed(data, batch) })
    // The first steps pay for making the session: they are left out of the rate.
    const [began, warmed] = [cpu(), await run(4, 'warm').then(cpu)]
    await run(12, 'rate')
    const step = (cpu() - warmed - (warmed - began)) / 8
    const steps = Math.floor(budget / step)
    const weights = await run(steps, 'run')

    // The loss on pictures, captions, timesteps and noise that are the same for every design and that no step was fed with.
    await using session = await Session.create(graph.graph, { threads })
    let loss = 0
    const feed = diffusionFeed(data, batch)
    for (let i = 0; i < 16; i++)
      loss += ((await session.run({ ...Object.fromEntries(weights), ...feed(1e6 + i) })).loss?.data[0] ?? NaN) / 16
    const size = `${(numbers / 1e6).toFixed(1)} M, ${((numbers * 2) / 2 ** 20).toFixed(0)} MB as fp16`
    console.log(
      `${name.padEnd(26)} ${size.padEnd(24)} ${(batch / step).toFixed(1)} samples a CPU second, ${steps} steps, loss ${loss.toFixed(4)}`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
