// How a step grows: its CPU time and the largest resident memory of the process against resolution, batch, rank, adapters of a stack and size of the
// model. `npm run bench -- growth [--write]`; `--write` draws docs/pictures/growth.svg. A UNet of Stable Diffusion 1.5's levels and a quarter of its
// width, one layer a block, random weights, one thread. Sizes of one sweep that fit one session are stepped in it, from small to large, so that each
// has the peak so far; resolutions, ranks and models have a process each.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UNetConfig } from '../../engine/checkpoint/config.ts'
import { tensorShapes } from '../../engine/models/keys/modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { Session } from '../../engine/runtime/session.ts'
import { runAdapted, StackFeeds } from '../../engine/sessions/adapted-session.ts'
import { unetSession } from '../../engine/sessions/networks.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import { loraGraph } from '../../engine/training/training-graph.ts'
import { peakMemory } from './bench.ts'
import { growthPicture } from './growth-picture.ts'
import { openRandomUnet, randomStack, trainingFeeds, unetFeeds, writeRandomUnet } from './random-unet.ts'

const ofWidth = (width: number): UNetConfig => ({
  ...sd1.published.unet,
  layersPerBlock: 1,
  blockOutChannels: [width, 2 * width, 4 * width, 4 * width],
  crossAttentionDim: 192,
  normGroups: 16,
})
const weightsOf = (config: UNetConfig): number =>
  [...tensorShapes(unetModules(config)).values()].reduce((sum, shape) => sum + elementCount(shape), 0)

const tokens = 77

interface Setting {
  readonly width: number
  readonly cells: number
  readonly batch: number
  readonly rank: number
  readonly adapters?: number
}
const usual: Setting = { width: 80, cells: 32, batch: 1, rank: 16 }

export interface Point {
  readonly x: number
  /** CPU seconds of a step, and bytes. */
  readonly seconds: number
  readonly peak: number
}
interface Sweep {
  readonly title: string
  readonly values: readonly number[]
  readonly set: (value: number) => Partial<Setting>
  /** What it is drawn against, where that is not the value itself. */
  readonly x?: (value: number) => number
  /** A process for each value. */
  readonly apart?: boolean
}
const sweeps: Readonly<Record<string, Sweep>> = {
  resolution: {
    title: 'LoRA step: thousands of pixels',
    values: [256, 384, 512, 768],
    set: (side) => ({ cells: side / 8 }),
    x: (side) => side ** 2 / 1000,
    // The form of attention is chosen by it.
    apart: true,
  },
  batch: { title: 'LoRA step: batch at 256²', values: [1, 2, 4, 8], set: (batch) => ({ batch }) },
  rank: { title: 'LoRA step: rank at 256²', values: [4, 16, 64], set: (rank) => ({ rank }), apart: true },
  adapters: { title: 'Forward pass: adapters of rank 16', values: [0, 1, 2, 4, 8], set: (adapters) => ({ adapters }) },
  model: {
    title: 'LoRA step: millions of weights',
    values: [32, 64, 128],
    set: (width) => ({ width }),
    x: (width) => weightsOf(ofWidth(width)) / 1e6,
    apart: true,
  },
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The least of two steps after the first, and the peak so far. */
async function measured(step: () => Promise<unknown>): Promise<Omit<Point, 'x'>> {
  await step()
  let seconds = Infinity
  for (let i = 0; i < 2; i++) {
    const from = cpu()
    await step()
    seconds = Math.min(seconds, cpu() - from)
  }
  return { seconds, peak: peakMemory() }
}

async function points(name: string, values: readonly number[], folder: string): Promise<Point[]> {
  const { set, x = (value) => value } = sweeps[name] as Sweep
  const first = { ...usual, ...set(values[0] ?? 1) }
  const checkpoint = await openRandomUnet(ofWidth(first.width), join(folder, String(first.width)))
  const step = first.adapters === undefined ? await training(checkpoint, first) : await forward(checkpoint)
  const found: Point[] = []
  for (const value of values) found.push({ x: x(value), ...(await measured(step({ ...usual, ...set(value) }))) })
  return found
}

type Checkpoint = Awaited<ReturnType<typeof openRandomUnet>>
type Steps = (setting: Setting) => () => Promise<unknown>

async function training(checkpoint: Checkpoint, { rank, batch: N, cells }: Setting): Promise<Steps> {
  const { graph, trained } = loraGraph(checkpoint, { rank, alpha: rank, recompute: true, sizes: { N, H: cells, W: cells, T: tokens } })
  const { placements, size } = layoutOf(trained)
  const theta = randomStream(3, 'theta', 0)
    .normal(size)
    .map((value) => value * 0.01)
  const [parameters, into] = [views(placements, theta), views(placements, new Float32Array(size), 'd/')]
  const session = await Session.create(graph, { threads: 1 })
  return ({ batch, cells }) => {
    const feeds = { ...trainingFeeds(checkpoint.unet.config, { batch, cells, tokens }), ...parameters }
    return () => session.run(feeds, into)
  }
}

async function forward(checkpoint: Checkpoint): Promise<Steps> {
  const network = await unetSession(checkpoint, { threads: 1 })
  return ({ batch, cells, adapters = 0 }) => {
    const stack = new StackFeeds(randomStack(adapters, 16, network.adapted))
    const feeds = unetFeeds(checkpoint.unet.config, { batch, cells, tokens })
    return () => runAdapted(network, feeds, stack)
  }
}

const [flag, ...rest] = process.argv.slice(2)
if (flag === '--case') {
  const [name = '', values = '', folder = ''] = rest
  console.log(JSON.stringify(await points(name, values.split(',').map(Number), folder)))
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'pigment-growth-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const panels: { title: string; points: Point[] }[] = []
for (const [name, { title, values, set, apart = false }] of Object.entries(sweeps)) {
  for (const value of values) {
    const { width } = { ...usual, ...set(value) }
    mkdirSync(join(folder, String(width)), { recursive: true })
    await writeRandomUnet(ofWidth(width), join(folder, String(width)))
  }
  const found = (apart ? values.map((value) => [value]) : [values]).flatMap((some) => inChild(name, some))
  panels.push({ title, points: found })
  console.log(`\n${title.padEnd(40)}${['CPU seconds', 'times', 'peak', 'times'].map((head) => head.padStart(12)).join('')}`)
  const [least] = found
  for (const { x, seconds, peak } of found) {
    const cells = [
      seconds.toFixed(2),
      (seconds / (least?.seconds ?? NaN)).toFixed(2),
      `${Math.round(peak / 2 ** 20)} MB`,
      (peak / (least?.peak ?? NaN)).toFixed(2),
    ]
    console.log(String(Math.round(10 * x) / 10).padEnd(40) + cells.map((cell) => cell.padStart(12)).join(''))
  }
}
if (flag === '--write') writeFileSync(join(import.meta.dirname, '../../docs/pictures/growth.svg'), growthPicture(panels))

function inChild(name: string, values: readonly number[]): Point[] {
  const words = ['--disable-warning=ExperimentalWarning', import.meta.filename, '--case', name, values.join(','), folder]
  const child = spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.status !== 0) throw new Error(`"${name}" stopped (${child.signal ?? child.status})`)
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Point[]
}
