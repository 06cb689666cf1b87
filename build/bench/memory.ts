// What a training run is said to take (engine/training/training-memory.ts) beside what its process took at most: `node build/bench/memory.ts`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../../engine/models/testing.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { train } from '../../engine/train.ts'
import { trainingMemory } from '../../engine/training/training-memory.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { peakMemory } from './bench.ts'

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

interface Case extends Partial<Pick<TrainRequest, 'batch' | 'rank' | 'members' | 'layers' | 'recompute' | 'resolution'>> {
  readonly model: 'embedded' | 'larger'
}
const cases: readonly Case[] = [
  { model: 'embedded', rank: 8, batch: 4 },
  { model: 'embedded', layers: 'all', rank: 64, members: 4, batch: 8 },
  { model: 'embedded', layers: 'all', rank: 16, batch: 16 },
  { model: 'embedded', layers: 'all', rank: 16, batch: 16, recompute: true },
  { model: 'embedded', layers: 'transformer', rank: 32, batch: 2, resolution: 128 },
  { model: 'larger', rank: 8, batch: 1, resolution: 128 },
  { model: 'larger', rank: 8, batch: 4, resolution: 128 },
  { model: 'larger', rank: 8, batch: 4, resolution: 128, recompute: true },
]
const requestOf = ({ model: _model, rank = 16, ...given }: Case): TrainRequest =>
  trainRequest.parse({ dataset: samples, rank, alpha: rank, steps: 4, checkpointEvery: 0, ...given })

const [flag, index = '', folder = ''] = process.argv.slice(2)
const pathOf = ({ model }: Case, at: string): string => (model === 'embedded' ? embeddedPath : join(at, 'larger'))

if (flag === '--case') {
  const own = cases[Number(index)] as Case
  await using model = await Model.open(pathOf(own, folder), { threads })
  const run = train(model, requestOf(own), { runFolder: join(folder, `run-${index}`) })
  while (!(await run.next()).done);
  console.log(peakMemory())
  process.exit(0)
}

const made = mkdtempSync(join(tmpdir(), 'pigment-memory-'))
process.once('exit', () => rmSync(made, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await writeDiffusers(join(made, 'larger'), soundModel('sd1', larger))
const inMB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`.padStart(10)
console.log(`${''.padEnd(84)}${['said', 'taken', 'ratio'].map((title) => title.padStart(10)).join('')}`)
for (const [i, own] of cases.entries()) {
  const child = spawnSync(process.execPath, [import.meta.filename, '--case', String(i), made], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) throw new Error(`${JSON.stringify(own)} stopped (${child.signal ?? child.status})`)
  const taken = Number(child.stdout.trim().split('\n').at(-1))
  const checkpoint = await openCheckpoint(pathOf(own, made))
  const side = own.resolution ?? 64
  const said = trainingMemory(checkpoint, requestOf(own), { side, threads })
  console.log(JSON.stringify(own).padEnd(84) + inMB(said) + inMB(taken) + (said / taken).toFixed(2).padStart(10))
}
