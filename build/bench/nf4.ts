// Frozen weights in 4 bits beside those of the file: what they take in bytes, what a process holds of them when a session is open, and a training
// step on either. `npm run bench -- nf4`; `--sd15` adds the UNet of Stable Diffusion 1.5 in its true shape (random fp16 weights, 1.7 GB on disk).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint } from '../../engine/checkpoint/config.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { denoised } from '../../engine/models/denoised.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { ProductSession } from '../../engine/runtime/product-session.ts'
import { Session } from '../../engine/runtime/session.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import { basePacking } from '../../engine/training/base-packing.ts'
import { packedBase } from '../../engine/training/base-weights.ts'
import { releasePacked, shapeOf, type BaseWeights } from '../../engine/weights/codec.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { peakMemory } from './bench.ts'
import { openRandomUnet, writeRandomUnet } from './random-unet.ts'
import { loraStepOf, threads } from './steps.ts'

type Denoising = Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>

interface Told {
  /** Bytes of the layers that can be packed: in fp16, and as they are held. */
  readonly fp16: number
  readonly held: number
  readonly seconds: number
  /** Resident bytes more than before the session was opened. */
  readonly resident: number
  readonly peak: number
  readonly step?: number
}

const [flag, name = '', codec = '', folder = ''] = process.argv.slice(2)
const open = async (): Promise<Denoising> => (name === 'sd15' ? openRandomUnet(sd1.published.unet, folder) : openCheckpoint(embeddedPath))

async function base(checkpoint: Denoising): Promise<BaseWeights | undefined> {
  const run = packedBase(checkpoint.unet.weights, { baseWeights: codec === 'nf4' ? 'nf4' : 'stored' })
  for (;;) {
    const { done, value } = await run.next()
    if (done) return value
  }
}

const packing = basePacking({ baseWeights: 'nf4' })
const collect = (): void => globalThis.gc?.()

async function measured(): Promise<Told> {
  const checkpoint = await open()
  const held = [...checkpoint.unet.weights.values()].filter((source) => packing?.holds(shapeOf(source)))
  // What the runtime takes for itself at its first session belongs to no model.
  await using warm = await ProductSession.open(threads ? { threads } : {})
  await warm.multiply({ rows: 1, columns: 1, data: Float32Array.of(1) }, { rows: 1, columns: 1, data: Float32Array.of(1) })
  collect()
  const before = process.memoryUsage().rss
  const began = performance.now()
  const packed = await base(checkpoint)
  const seconds = (performance.now() - began) / 1000
  const parts = [...(packed?.packed?.values() ?? [])].flatMap((weight) => Object.values(weight))
  const bytes = packed
    ? parts.reduce((sum, part) => sum + part.bytes.length, 0)
    : 4 * held.reduce((n, { shape }) => n + elementCount(shape), 0)
  const graph = new Graph('unet')
  graph.output('out', denoised(new Parameters(graph, checkpoint.unet.weights, { base: packed }), checkpoint, { fused: true }))
  const session = await Session.create(graph, threads ? { threads } : {})
  if (packed) releasePacked(packed)
  collect()
  const resident = process.memoryUsage().rss - before
  const peak = peakMemory()
  await session[Symbol.asyncDispose]()
  const told = { fp16: held.reduce((n, { shape }) => n + 2 * elementCount(shape), 0), held: bytes, seconds, resident, peak }
  if (name !== 'embedded') return told
  const more = Number(process.env.PIGMENT_BENCH_MORE) || 40
  const fresh = await base(checkpoint)
  const { step } = await loraStepOf(checkpoint, { batch: 4, cells: 8, tokens: 32 }, { rank: 16, recompute: false, more, base: fresh })
  return { ...told, ...(step === undefined ? {} : { step: step / 1000 }) }
}

if (flag === '--case') {
  console.log(JSON.stringify(await measured()))
  process.exit(0)
}

const made = mkdtempSync(join(tmpdir(), 'pigment-nf4-'))
process.once('exit', () => rmSync(made, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const models = process.argv.includes('--sd15') ? ['embedded', 'sd15'] : ['embedded']
if (models.includes('sd15')) await writeRandomUnet(sd1.published.unet, made)
const inMB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`
const columns = ['layers', 'of fp16', 'packed in', 'resident', 'of fp16', 'peak', 'LoRA step']
console.log(`${''.padEnd(18)}${columns.map((title) => title.padStart(12)).join('')}`)
for (const model of models)
  for (const one of ['stored', 'nf4']) {
    const args = ['--expose-gc', import.meta.filename, '--case', model, one, made]
    const child = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.status !== 0) throw new Error(`"${model}" on ${one} stopped (${child.signal ?? child.status})`)
    const { fp16, held, seconds, resident, peak, step } = JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Told
    const cells = [
      inMB(held),
      (held / fp16).toFixed(3),
      `${seconds.toFixed(1)} s`,
      inMB(resident),
      (resident / fp16).toFixed(3),
      inMB(peak),
    ]
    const figures = [...cells, step === undefined ? '' : `${(step * 1000).toFixed(0)} ms`]
    console.log(`${model} ${one}`.padEnd(18) + figures.map((cell) => cell.padStart(12)).join(''))
  }
