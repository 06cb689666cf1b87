// What it is worth to write the shapes inside a graph (engine/onnx/write.ts): the CPU seconds of opening a session with them and without, in turn,
// and whether loss, gradients and pictures are the same to the last bit. `node build/bench/opening.ts [TURNS [MODEL]]`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { ModelProtoSchema } from '../../engine/onnx/onnx_pb.js'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { Session, sourceOf } from '../../engine/runtime/session.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { loraGraph, type LoraGraphOptions } from '../../engine/training/training-graph.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { median } from './bench.ts'
import { openRandomUnet, trainingFeeds, writeRandomUnet } from './random-unet.ts'

interface Case {
  readonly options: LoraGraphOptions
  readonly model: 'embedded' | 'sd15'
}
const rank = 16
const cases: Readonly<Record<string, Case>> = {
  'embedded, attention': { model: 'embedded', options: { rank, alpha: rank } },
  'embedded, attention, recomputed': { model: 'embedded', options: { rank, alpha: rank, recompute: true } },
  'embedded, all layers': { model: 'embedded', options: { rank, alpha: rank, layers: 'all' } },
  'SD 1.5, attention': { model: 'sd15', options: { rank, alpha: rank } },
  'SD 1.5, attention, recomputed': { model: 'sd15', options: { rank, alpha: rank, recompute: true } },
}

interface Opened {
  readonly nodes: number
  readonly opening: number
  readonly answer: string
}

const [flag, ...rest] = process.argv.slice(2)
if (flag === '--case') {
  const [name = '', written = '', folder = ''] = rest
  console.log(JSON.stringify(await open(cases[name] as Case, written === 'true', folder)))
  process.exit(0)
}

const turns = Number(flag ?? 3)
const chosen = Object.entries(cases).filter(([, { model }]) => model === (rest[0] ?? model))
const folder = mkdtempSync(join(tmpdir(), 'pigment-opening-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
if (chosen.some(([, { model }]) => model === 'sd15')) await writeRandomUnet(sd1.published.unet, folder)
console.log(`${''.padEnd(40)}${['nodes', 'without', 'with', 'ratio', 'answer'].map((title) => title.padStart(12)).join('')}`)
for (const [name] of chosen) {
  const made = new Map([false, true].map((written) => [written, [] as Opened[]]))
  for (let turn = 0; turn < turns; turn++) for (const written of [false, true]) made.get(written)?.push(inChild(name, written))
  const [without, written] = [...made.values()].map((opened) => median(opened.map(({ opening }) => opening))) as [number, number]
  const all = [...made.values()].flat()
  const same = new Set(all.map(({ answer }) => answer)).size === 1 ? 'same bits' : 'differs'
  const cells = [all[0]?.nodes, `${without.toFixed(2)} s`, `${written.toFixed(2)} s`, (written / without).toFixed(2), same]
  console.log(name.padEnd(40) + cells.map((cell) => String(cell).padStart(12)).join(''))
}

function inChild(name: string, written: boolean): Opened {
  const args = [import.meta.filename, '--case', name, String(written), folder]
  const child = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.status !== 0) throw new Error(`"${name}" stopped (${child.signal ?? child.status})`)
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '') as Opened
}

/** One training step at a small size, so that a large model's fits anywhere. */
async function open({ model, options }: Case, written: boolean, weights: string): Promise<Opened> {
  const checkpoint = model === 'sd15' ? await openRandomUnet(sd1.published.unet, weights) : await openCheckpoint(embeddedPath)
  const { graph, trained } = loraGraph(checkpoint, options)
  const source = sourceOf(graph)
  const bytes = written ? source.model : withoutShapes(source.model)
  const before = processorSeconds()
  await using session = await Session.open({ ...source, model: bytes }, { threads: 1 })
  const opening = processorSeconds() - before
  const { placements, size } = layoutOf(trained)
  const theta = randomStream(3, 'theta', 0)
    .normal(size)
    .map((x) => x * 0.01)
  const gradient = new Float32Array(size)
  const feeds = trainingFeeds(checkpoint.unet.config, { batch: 1, cells: 8, tokens: 77 })
  const { loss } = await session.run({ ...feeds, ...views(placements, theta) }, views(placements, gradient, 'd/'))
  const answer = createHash('sha256')
    .update(gradient)
    .update(new Float32Array(loss?.data ?? []))
    .digest('hex')
  return { nodes: graph.nodes.length, opening, answer }
}

function withoutShapes(bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  if (model.graph) model.graph.valueInfo = []
  return toBinary(ModelProtoSchema, model)
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
