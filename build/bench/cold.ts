// What opening a large checkpoint costs, from its file to the end of a first step of 64 px (SDXL: 512): graph optimised anew; the first start that keeps it on the
// disk (engine/runtime/optimized-session.ts); the start after that, which maps it into memory. CPU seconds, user and system together, since a machine
// is seldom quiet; peaks; and whether the answers are the same to the last bit. `npm run bench -- cold`, `node build/run.mjs build/bench/cold.ts WORDS…`
// for the cases that hold these words.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UNetConfig } from '../../engine/checkpoint/config.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { denoised } from '../../engine/models/denoised.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { sdxl } from '../../engine/models/families/sdxl/family.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { keepOptimizedModels, optimizedModelsKept } from '../../engine/runtime/optimized-session.ts'
import { Session, sourceOf, type Feed } from '../../engine/runtime/session.ts'
import { packedBase } from '../../engine/training/base-weights.ts'
import { loraGraph, type Denoising } from '../../engine/training/training-graph.ts'
import { releasePacked } from '../../engine/weights/codec.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { OpenModules } from '../../engine/sessions/open-modules.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { peakMemory } from './bench.ts'
import { inputsOf } from './card/cases.ts'
import { openRandomUnet, smallUnet, trainingFeeds, unetFeeds, writeRandomUnet } from './random-unet.ts'

interface Made {
  readonly graph: Graph
  readonly feeds: Record<string, Feed>
  /** Once the session has what it was given. */
  readonly opened?: () => void
}
interface Case {
  /** Absent: the embedded model. */
  readonly unet?: UNetConfig
  readonly family?: 'sdxl'
  readonly make: (checkpoint: Denoising) => Made | Promise<Made>
}
const size = { batch: 1, cells: 8, tokens: 77 }
const rank = 16

function forward(checkpoint: Denoising): ReturnType<Case['make']> {
  const graph = new Graph('unet')
  const { adapt } = new OpenModules(graph)
  graph.output('out', denoised(new Parameters(graph, checkpoint.unet.weights, { adapt }), checkpoint, { fused: true }))
  const feeds = unetFeeds(checkpoint.unet.config, size)
  // No adapter: rank 0 everywhere.
  for (const { name, shape } of graph.inputs)
    feeds[name] ??= { shape: shape.map((dim) => (typeof dim === 'number' ? dim : 0)), data: new Float32Array() }
  return { graph, feeds }
}

/** As a run opens it: frozen weights of large models are held once. */
const lora =
  (cells = size.cells) =>
  async (checkpoint: Denoising): Promise<Made> => {
    const { config, weights } = checkpoint.unet
    const base = await drain(packedBase(weights, {}), () => undefined)
    const sizes = { N: size.batch, H: cells, W: cells, T: size.tokens }
    const { graph, trained } = loraGraph(checkpoint, { rank, alpha: rank, recompute: true, base, sizes })
    const { placements, size: count } = layoutOf(trained)
    const feeds = config.addedCondition ? given({ unet: config, cells }) : trainingFeeds(config, { ...size, cells })
    const opened = base ? { opened: () => releasePacked(base) } : {}
    return { graph, feeds: { ...feeds, ...views(placements, new Float32Array(count).fill(0.01)) }, ...opened }
  }

function given({ unet, cells }: { readonly unet: UNetConfig; readonly cells: number }): Record<string, Feed> {
  const feeds = inputsOf({ family: 'sdxl', unet, cells }, 'lora')
  return { ...feeds, target: feeds.sample as Tensor, weight: { shape: [size.batch], data: new Float32Array(size.batch).fill(1) } }
}

const { unet: sd15 } = sd1.published
const half: UNetConfig = { ...sd15, blockOutChannels: sd15.blockOutChannels.map((channels) => channels / 2) }
const cases: Readonly<Record<string, Case>> = {
  'embedded, forward': { make: forward },
  'embedded, LoRA recomputed': { make: lora() },
  'a UNet of 64 to 192 channels, forward': { unet: smallUnet, make: forward },
  'half as wide as SD 1.5, forward': { unet: half, make: forward },
  'half as wide as SD 1.5, LoRA recomputed': { unet: half, make: lora() },
  'SD 1.5, forward': { unet: sd15, make: forward },
  'SD 1.5, LoRA recomputed': { unet: sd15, make: lora() },
  'SDXL, LoRA recomputed, 512²': { unet: sdxl.published.unet, family: 'sdxl', make: lora(64) },
}

interface Opened {
  /** CPU seconds of the graph with its gradients and their writing, and of everything. */
  readonly graph: number
  readonly all: number
  readonly wall: number
  readonly peak: number
  readonly answer: string
}

const processorSeconds = (): number => process.resourceUsage().userCPUTime / 1e6 + process.resourceUsage().systemCPUTime / 1e6

async function open({ unet, family, make }: Case, folder: string, cache: string | undefined): Promise<Opened> {
  if (cache) keepOptimizedModels({ folder: cache, budget: 1e12, least: 0 }, console.error)
  const [began, at] = [processorSeconds(), performance.now()]
  const plain = unet ? await openRandomUnet(unet, folder) : await openCheckpoint(embeddedPath)
  const { graph, feeds, opened } = await make(family ? { ...plain, family } : plain)
  const source = sourceOf(graph)
  const written = processorSeconds()
  await using session = await Session.open(source, { threads: 2 })
  opened?.()
  const outputs = await session.run(feeds)
  const [all, wall] = [processorSeconds() - began, (performance.now() - at) / 1000]
  const hash = createHash('sha256')
  for (const name of Object.keys(outputs).sort()) hash.update(outputs[name]?.data ?? new Float32Array())
  await optimizedModelsKept()
  return { graph: written - began, all, wall, peak: peakMemory(), answer: hash.digest('hex') }
}

const [flag, ...rest] = process.argv.slice(2)
if (flag === '--case') {
  const [name = '', folder = '', cache] = rest
  console.log(JSON.stringify(await open(cases[name] as Case, folder, cache)))
  process.exit(0)
}

const words = process.argv.slice(2)
const root = mkdtempSync(join(tmpdir(), 'pigment-cold-'))
process.once('exit', () => rmSync(root, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
console.log(row(['', 'graph', 'all', 'ratio', 'wall', 'peak', 'answer']))
for (const [name, { unet }] of Object.entries(cases)) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const [folder, cache] = [join(root, 'weights'), join(root, 'cache')]
  for (const made of [folder, cache]) mkdirSync(made, { recursive: true })
  if (unet) await writeRandomUnet(unet, folder)
  const anew = inChild(name, folder)
  for (const [label, opened] of [
    ['anew', anew],
    ['first, kept', inChild(name, folder, cache)],
    ['second', inChild(name, folder, cache)],
  ] as const)
    console.log(
      row([
        `${name}: ${label}`,
        `${opened.graph.toFixed(2)} s`,
        `${opened.all.toFixed(2)} s`,
        (opened.all / anew.all).toFixed(2),
        `${opened.wall.toFixed(1)} s`,
        `${Math.round(opened.peak / 2 ** 20)} MB`,
        opened.answer === anew.answer ? 'same bits' : 'differs',
      ]),
    )
  for (const gone of [folder, cache]) rmSync(gone, { recursive: true, force: true })
}

function inChild(name: string, folder: string, cache?: string): Opened {
  const args = [import.meta.filename, '--case', name, folder, ...(cache ? [cache] : [])]
  const child = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.status !== 0) throw new Error(`"${name}" stopped (${child.signal ?? child.status})`)
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Opened
}

function row([label = '', ...cells]: readonly string[]): string {
  return label.padEnd(52) + cells.map((cell) => cell.padStart(11)).join('')
}
