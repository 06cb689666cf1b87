// What optimizers keep beside θ, and what a step of them takes: on the weights of Stable Diffusion 1.5's UNet in their true shapes, as many of them as
// asked for (`--millions 860` are all; 64 unless told), and on the embedded model. `npm run bench -- optimizers`; `--only state` or `--only loss` for one table.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sd1 } from '../../engine/models/families/sd1/family.ts'
import { tensorShapes } from '../../engine/models/keys/modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { layoutOf } from '../../engine/runtime/flat-parameters.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount } from '../../engine/tensor/tensor.ts'
import { vectorBytes } from '../../engine/tensor/vectors.ts'
import { train } from '../../engine/train.ts'
import { optimizers } from '../../engine/training/optimizers/index.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { median } from './bench.ts'

type Options = Readonly<Record<string, number>>
interface Case {
  readonly name: string
  /** Of its state. */
  readonly budget?: number
}
const cases: readonly Case[] = [
  { name: 'adamw' },
  { name: 'adamw-8bit' },
  { name: 'paged-adamw', budget: 1 / 4 },
  { name: 'paged-adamw-8bit', budget: 1 / 4 },
  { name: 'lion' },
  { name: 'lion-8bit' },
]
/** All of them are small in an adapter of a small model, unless 8 bits begin early. */
const learnt: readonly (readonly [name: string, options: Options])[] = [
  ['adamw', {}],
  ['adamw-8bit', { min8bitSize: 256 }],
  ['paged-adamw', { budgetMB: 0.25, pageKB: 16 }],
  ['lion', {}],
  ['lion-8bit', { min8bitSize: 256 }],
]
const samples = join(import.meta.dirname, '../../assets/samples/black-ink')

const word = (flag: string): string | undefined => {
  const at = process.argv.indexOf(flag)
  return at < 0 ? undefined : process.argv[at + 1]
}
const millions = Number(word('--millions') ?? 64)
const one = word('--case')

interface Told {
  readonly parameters: number
  readonly state: number
  readonly resident: number
  /** Milliseconds of CPU time, which other work on the machine changes less. */
  readonly step: number
  readonly pages?: Readonly<Record<string, number>>
}

async function measured({ name, budget }: Case, folder: string): Promise<Told> {
  const optimizer = optimizers.find((it) => it.name === name)
  if (!optimizer) throw new Error(`There is no optimizer "${name}"`)
  const shapes: { name: string; shape: readonly number[] }[] = []
  let parameters = 0
  for (const [tensor, shape] of tensorShapes(unetModules(sd1.published.unet))) {
    if (parameters >= millions * 1e6) break
    shapes.push({ name: tensor, shape })
    parameters += elementCount(shape)
  }
  const { placements, size } = layoutOf(shapes)
  const noise = randomStream(1, 'optimizers', 0).normal(2 ** 18)
  const vector = (scale: number): Float32Array => Float32Array.from({ length: size }, (_, i) => (noise[i % noise.length] ?? 0) * scale)
  const [theta, gradient] = [vector(0.02), vector(1e-4)]
  const plain = optimizer.options.parse({})
  const bytes = shapes.reduce((sum, { shape }) => sum + optimizer.bytes(shape, plain), 0)
  const options = budget ? optimizer.options.parse({ budgetMB: (bytes * budget) / 2 ** 20 }) : plain
  const rss = (): number => (globalThis.gc?.(), process.memoryUsage().rss)
  const before = rss()
  const state = await optimizer.open(theta, { placements, ranges: [{ from: 0, to: size, rate: 1 }] }, options, folder)
  const times: number[] = []
  let most = 0
  for (let step = 1; step <= 5; step++) {
    const began = process.cpuUsage()
    await state.update(theta, gradient, { lr: 1e-4, step })
    const { user, system } = process.cpuUsage(began)
    times.push((user + system) / 1000)
    most = Math.max(most, rss())
  }
  const kept = [
    ...Object.values(state.vectors).map(({ byteLength }) => byteLength),
    ...Object.values(state.stores ?? {}).map(({ type, length }) => length * vectorBytes(type)),
  ]
  const pages = state.told?.()
  await state[Symbol.asyncDispose]?.()
  return {
    parameters,
    state: kept.reduce((a, b) => a + b),
    resident: most - before,
    step: median(times.slice(1)),
    ...(pages ? { pages } : {}),
  }
}

/** Mean loss of the last half of a short run on the embedded model. */
async function loss(name: string, options: Options, folder: string): Promise<number> {
  await using model = await Model.open(embeddedPath, { threads: 1 })
  const request = { dataset: samples, layers: 'all', rank: 16, alpha: 16, batch: 4, steps: 60, checkpointEvery: 0 }
  const lr = name.startsWith('lion') ? 1e-4 : 5e-4
  const asked: TrainRequest = trainRequest.parse({ ...request, lr, optimizer: name, optimizerOptions: options })
  const losses: number[] = []
  await drain(train(model, asked, { runFolder: join(folder, name) }), (event) => event.type === 'step' && losses.push(event.loss))
  const half = losses.slice(losses.length / 2)
  return half.reduce((a, b) => a + b) / half.length
}

if (one !== undefined) {
  const [kind, index = 0, folder = ''] = one.split(',')
  if (kind === 'state') console.log(JSON.stringify(await measured(cases[Number(index)] as Case, folder)))
  else console.log(JSON.stringify(await loss(...(learnt[Number(index)] as (typeof learnt)[number]), folder)))
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'pigment-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
function child<T>(kind: string, index: number): T {
  const flags = ['--expose-gc', import.meta.filename, '--case', [kind, index, folder].join(), '--millions', String(millions)]
  const { stdout, status } = spawnSync(process.execPath, flags, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error(`A case ended with ${status}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T
}
const MB = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`
const row = ([label = '', ...cells]: readonly string[]): void =>
  console.log(label.padEnd(40) + cells.map((cell) => cell.padStart(13)).join(''))

const only = word('--only')
if (only !== 'loss') states()
if (only !== 'state') losses()

function states(): void {
  row(['', 'state', 'ratio', 'resident', 'ratio', 'CPU a step', 'ratio'])
  let base: Told | undefined
  for (const [index, { name, budget }] of cases.entries()) {
    const told = child<Told>('state', index)
    base ??= told
    const { state, resident, step, pages } = told
    const ratio = (key: 'state' | 'resident' | 'step'): string => (told[key] / (base as Told)[key]).toFixed(3)
    const label = budget ? `${name}, budget ${budget} of its state` : `${name}, ${(told.parameters / 1e6).toFixed(1)} million numbers`
    row([label, MB(state), ratio('state'), MB(resident), ratio('resident'), `${step.toFixed(0)} ms`, ratio('step')])
    if (pages) console.log(`  of a step: ${Object.entries(pages).map(([key, count]) => `${key} ${count}`).join(', ')}`) // prettier-ignore
  }
}

function losses(): void {
  console.log('\nLoss on the embedded model, LoRA of rank 16, all layers, 60 steps, mean of the last 30:')
  const first: Record<string, number> = {}
  for (const [index, [name, options]] of learnt.entries()) {
    const mean = child<number>('loss', index)
    const kind = name.includes('lion') ? 'lion' : 'adamw'
    first[kind] ??= mean
    const said = Object.entries(options).map(([key, value]) => `${key} ${value}`) // prettier-ignore
    row([[name, ...said].join(', '), mean.toFixed(6), (mean / first[kind]).toFixed(5)])
  }
}
