// What a training run is said to take (engine/training/training-memory.ts) beside what its process took at most: `node build/bench/memory.ts`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint } from '../../engine/checkpoint/config.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../../engine/models/testing.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { train } from '../../engine/train.ts'
import { packedBase } from '../../engine/training/base-weights.ts'
import { trainingMemory } from '../../engine/training/training-memory.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { peakMemory } from './bench.ts'
import { openRandomUnet, writeRandomUnet } from './random-unet.ts'
import { loraStepOf } from './steps.ts'

const threads = 2
const samples = join(import.meta.dirname, '../../assets/samples/black-ink')
/** Larger pictures than the embedded model's, with attention over 1,024 cells. */
const larger = {
  blockOutChannels: [64, 128, 192],
  layersPerBlock: 1,
  transformerLayers: [1, 1, 1],
  midTransformerLayers: 1,
  heads: [8, 8, 8],
}

interface Case extends Partial<TrainRequest> {
  readonly model: 'embedded' | 'larger' | 'half' | 'sd15'
}
const cases: readonly Case[] = [
  { model: 'embedded', rank: 8, batch: 4 },
  { model: 'embedded', layers: 'all', rank: 64, members: 4, batch: 8 },
  { model: 'embedded', layers: 'all', rank: 16, batch: 16 },
  { model: 'embedded', layers: 'all', rank: 16, batch: 16, recompute: true },
  { model: 'embedded', layers: 'transformer', rank: 32, batch: 2, resolution: 128 },
  { model: 'embedded', variant: 'loha', rank: 8, batch: 4 },
  { model: 'embedded', method: 'full', batch: 4 },
  { model: 'larger', rank: 8, batch: 1, resolution: 128 },
  { model: 'larger', rank: 8, batch: 4, resolution: 128 },
  { model: 'larger', rank: 8, batch: 4, resolution: 128, recompute: true },
  { model: 'embedded', layers: 'all', rank: 16, batch: 8, baseWeights: 'nf4' },
  { model: 'embedded', layers: 'all', rank: 16, batch: 16, recompute: true, baseWeights: 'nf4' },
  { model: 'embedded', layers: 'all', rank: 64, batch: 8, optimizer: 'lion', baseWeights: 'nf4' },
  { model: 'larger', rank: 8, batch: 4, resolution: 128, baseWeights: 'nf4' },
  { model: 'larger', rank: 8, batch: 1, resolution: 128, baseWeights: 'nf4', baseWeightsOptions: { residualRank: 16 } },
  { model: 'half', batch: 1, resolution: 256 },
  { model: 'half', batch: 1, resolution: 256, recompute: true },
  { model: 'half', batch: 1, resolution: 512, recompute: true },
  { model: 'half', batch: 1, resolution: 256, baseWeights: 'nf4', recompute: true },
  { model: 'sd15', batch: 1, resolution: 256, recompute: true },
  { model: 'sd15', batch: 1, resolution: 256, baseWeights: 'nf4' },
  { model: 'sd15', batch: 1, resolution: 256, baseWeights: 'nf4', recompute: true },
]
/** Of Stable Diffusion 1.5, and half as wide. */
const published = sd1.published.unet
const unets = { sd15: published, half: { ...published, blockOutChannels: published.blockOutChannels.map((channels) => channels / 2) } }
const isPublished = (model: Case['model']): model is keyof typeof unets => model in unets
const requestOf = ({ model: _model, rank = 16, ...given }: Case): TrainRequest =>
  trainRequest.parse({ dataset: samples, rank, alpha: rank, steps: 4, checkpointEvery: 0, ...given })

const [flag, index = '', folder = ''] = process.argv.slice(2)
const pathOf = ({ model }: Case, at: string): string => (model === 'embedded' ? embeddedPath : join(at, model))

/** A UNet of a published shape by itself, with what the forecast asks of the networks beside it. */
async function unetAlone(model: keyof typeof unets, at: string): Promise<Checkpoint> {
  const beside = await openCheckpoint(embeddedPath)
  const unet = unets[model]
  const [encoder] = beside.textEncoders as [Checkpoint['textEncoders'][number]]
  return {
    ...beside,
    ...(await openRandomUnet(unet, at)),
    vae: { ...beside.vae, config: { ...beside.vae.config, blockOutChannels: [128, 256, 512, 512] } },
    textEncoders: [{ ...encoder, config: { ...encoder.config, positions: 77 } }],
  }
}

/** A step of it, twice, as a run makes it. */
async function steps(own: Case, at: string): Promise<void> {
  const [checkpoint, request] = [await unetAlone(own.model as keyof typeof unets, join(at, own.model)), requestOf(own)]
  const base = await drain(packedBase(checkpoint.unet.weights, request), () => {})
  const size = { batch: request.batch, cells: (own.resolution ?? 512) / 8, tokens: 77 }
  await loraStepOf(checkpoint, size, { rank: request.rank, recompute: request.recompute, base, more: 1, session: { threads } })
}

if (flag === '--case') {
  const own = cases[Number(index)] as Case
  if (isPublished(own.model)) await steps(own, folder)
  else {
    await using model = await Model.open(pathOf(own, folder), { threads })
    const run = train(model, requestOf(own), { runFolder: join(folder, `run-${index}`) })
    while (!(await run.next()).done);
  }
  console.log(peakMemory())
  process.exit(0)
}

const made = mkdtempSync(join(tmpdir(), 'pigment-memory-'))
process.once('exit', () => rmSync(made, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
// Those whose line holds the words that are given: `npm run bench -- memory` asks for all.
const words = process.argv.slice(2)
const asked = [...cases.entries()].filter(([, own]) => words.every((word) => JSON.stringify(own).includes(word)))
if (asked.some(([, { model }]) => model === 'larger')) await writeDiffusers(join(made, 'larger'), soundModel('sd1', larger))
for (const model of ['half', 'sd15'] as const) {
  if (!asked.some(([, own]) => own.model === model)) continue
  mkdirSync(join(made, model))
  await writeRandomUnet(unets[model], join(made, model))
}
const inMB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`.padStart(10)
console.log(`${''.padEnd(104)}${['said', 'taken', 'ratio'].map((title) => title.padStart(10)).join('')}`)
for (const [i, own] of asked) {
  const child = spawnSync(process.execPath, [import.meta.filename, '--case', String(i), made], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) throw new Error(`${JSON.stringify(own)} stopped (${child.signal ?? child.status})`)
  const taken = Number(child.stdout.trim().split('\n').at(-1))
  const checkpoint = isPublished(own.model) ? await unetAlone(own.model, join(made, own.model)) : await openCheckpoint(pathOf(own, made))
  const side = own.resolution ?? 64
  const said = trainingMemory(checkpoint, requestOf(own), { side, threads })
  console.log(JSON.stringify(own).padEnd(104) + inMB(said) + inMB(taken) + (said / taken).toFixed(2).padStart(10))
}
