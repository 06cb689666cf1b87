// What every rank of one DyLoRA is worth beside a plain LoRA that is cut afterwards: the loss on noise that neither has seen, by rank.
// Run: node build/run.mjs build/eval/dylora.ts [SET [STEPS [FILE.svg]]]
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { dyLoraKey, sliceOf } from '../../engine/adapters/dylora.ts'
import { rankOf, scaleOf, type LowRank } from '../../engine/adapters/low-rank.ts'
import { inputNameA, inputNameB } from '../../engine/adapters/stack-inputs.ts'
import { loraModule, pairOf } from '../../engine/adapters/variants/lora.ts'
import { factoredSvd } from '../../engine/linear-algebra/factored-svd.ts'
import { Graph } from '../../engine/graph/graph.ts'
import { matrixOf } from '../../engine/linear-algebra/matrix.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { Session } from '../../engine/runtime/session.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { train } from '../../engine/train.ts'
import { adaptedLayers } from '../../engine/training/adapted-layers.ts'
import { diffusionLoss } from '../../engine/training/diffusion-loss.ts'
import { microBatches } from '../../engine/training/micro-batches.ts'
import { prepareTraining } from '../../engine/training/prepare-training.ts'
import { trainedNetworks, type TrainedNetwork } from '../../engine/training/trained-networks.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { drain } from '../../main/operations/drain.ts'
import { embeddedPath } from '../../main/places/embedded.ts'

const [set = 'black-ink', steps = '300', svg] = process.argv.slice(2)
const rank = 16
const ranks = [1, 2, 4, 8, 12, 16]
const heldOut = 16
const threads = Number(process.env.PIGMENT_THREADS ?? 2)

const request = (more: object): TrainRequest =>
  trainRequest.parse({
    dataset: join(import.meta.dirname, '../../assets/samples', set),
    ...{ rank, alpha: rank, steps: Number(steps), batch: 2, lr: 1e-3, resolution: 64, checkpointEvery: 0, seed: 1, ...more },
  })
const folder = await mkdtemp(join(tmpdir(), 'pigment-dylora-'))
await using model = await Model.open(embeddedPath, { threads })

/** Trained, and with its method's words, which its file would have. */
async function trained(name: string, more: object): Promise<Adapter> {
  const began = performance.now()
  const { adapter } = await drain(train(model, request(more), { runFolder: join(folder, name) }), () => undefined)
  console.log(`${name}: ${steps} steps in ${Math.round((performance.now() - began) / 1000)} s`)
  return adapter
}

/** The nearest pair of a rank (Eckart and Young 1936), as `pigment resize` makes it. */
function cut(pair: LowRank, to: number): LowRank {
  const { u, s, v } = factoredSvd([{ up: matrixOf(pair.up), down: matrixOf(pair.down), scale: scaleOf(pair) }])
  const [outputs, inputs] = [u.rows, v.rows]
  const up = Float32Array.from(
    { length: outputs * to },
    (_, i) => (u.data[Math.floor(i / to) * u.columns + (i % to)] ?? 0) * (s[i % to] ?? 0),
  )
  const down = Float32Array.from({ length: to * inputs }, (_, i) => v.data[(i % inputs) * v.columns + Math.floor(i / inputs)] ?? 0)
  return { up: { shape: [outputs, to], data: up }, down: { shape: [to, inputs], data: down }, alpha: to }
}
/** The first rows of a pair that was not trained for that. */
const firstRows = (adapter: Adapter, to: number): Adapter =>
  sliceOf({ ...adapter, metadata: { [dyLoraKey]: JSON.stringify({ unit: 1, scale: 'constant' }) } }, to)

/** Inputs of the graph of rank R, whose scale is 1: a smaller pair has zeros behind it. */
function fed({ modules }: Adapter): Record<string, Tensor> {
  return Object.fromEntries(
    modules.flatMap((module): [string, Tensor][] => {
      const pair = pairOf(module)
      const [own, scale] = [rankOf(pair), scaleOf(pair)]
      const [inputs, outputs] = [pair.down.data.length / own, pair.up.data.length / own]
      const [a, b] = [new Float32Array(rank * inputs), new Float32Array(outputs * rank)]
      a.set(pair.down.data)
      pair.up.data.forEach((x, i) => (b[Math.floor(i / own) * rank + (i % own)] = x * scale))
      return [
        [inputNameA(module.path), { shape: [rank, ...pair.down.shape.slice(1)], data: a }],
        [inputNameB(module.path), { shape: [outputs, rank, ...pair.up.shape.slice(2)], data: b }],
      ]
    }),
  )
}

const plain = await trained('LoRA', {})
const kinds: Readonly<Record<string, Adapter>> = {
  constant: await trained('DyLoRA, α/R', { method: 'dylora', methodOptions: { scale: 'constant' } }),
  root: await trained('DyLoRA, α/√(R·n)', { method: 'dylora', methodOptions: { scale: 'root' } }),
  rank: await trained('DyLoRA, α/n', { method: 'dylora', methodOptions: { scale: 'rank' } }),
}

const asked = request({})
const dataset = await drain(trainingDataset(asked), () => undefined)
const prepared = await drain(prepareTraining(model, dataset, asked), () => undefined)
const batches = microBatches(model, { ...asked, seed: 90_001, captionDropout: 0 }, prepared)
const graph = new Graph('loss of an adapter')
const [network] = trainedNetworks(model.checkpoint, asked) as [TrainedNetwork]
const parameters = new Parameters(graph, network.weights, adaptedLayers(graph, asked).parameters(network))
graph.output('loss', diffusionLoss(parameters, model.checkpoint, { recompute: false }).loss)
await using session = await Session.create(graph, { threads })
const lossOf = async (adapter: Adapter): Promise<number> => {
  const inputs = fed(adapter)
  let sum = 0
  for (let n = 0; n < heldOut; n++) sum += (await session.run({ ...(await batches(n)), ...inputs })).loss?.data[0] ?? NaN
  return sum / heldOut
}
const onPairs = (adapter: Adapter, make: (pair: LowRank) => LowRank): Adapter => {
  return { ...adapter, modules: adapter.modules.map((module) => loraModule(module, make(pairOf(module)))) }
}
const none = await lossOf(onPairs(plain, (pair) => ({ ...pair, up: { ...pair.up, data: pair.up.data.map(() => 0) } })))
const rows: Record<string, readonly number[]> = {}
const along = async (title: string, of: (n: number) => Adapter): Promise<void> => {
  const losses: number[] = []
  for (const n of ranks) losses.push(await lossOf(of(n)))
  rows[title] = losses
}
for (const [scale, adapter] of Object.entries(kinds)) {
  const named = { ...adapter, metadata: { ...adapter.metadata, [dyLoraKey]: JSON.stringify({ unit: 1, scale }) } }
  await along(`DyLoRA, ${{ constant: 'α/R', root: 'α/√(R·n)', rank: 'α/n' }[scale]}`, (n) => sliceOf(named, n))
}
await along('LoRA, cut by SVD', (n) => onPairs(plain, (pair) => cut(pair, n)))
await along('LoRA, first rows', (n) => firstRows(plain, n))

console.log(`\nLoss on ${heldOut * 2} samples of unseen noise, ${set}; without an adapter ${none.toFixed(5)}`)
console.log(`${'rank'.padEnd(20)}${ranks.map((n) => String(n).padStart(9)).join('')}`)
for (const [title, losses] of Object.entries(rows))
  console.log(`${title.padEnd(20)}${losses.map((x) => x.toFixed(5).padStart(9)).join('')}`)
if (svg) await writeFile(svg, drawn())
await rm(folder, { recursive: true, force: true })

/** The losses against the rank, as lines. */
function drawn(): string {
  const all = [none, ...Object.values(rows).flat()]
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const x = (n: number): number => 60 + (Math.log2(n) / Math.log2(rank)) * 500
  const y = (loss: number): number => 20 + ((most - loss) / (most - least)) * 300
  const colours = ['#1b6ca8', '#4a9cc9', '#8cc4e0', '#c0392b', '#b2a59b']
  const lines = Object.entries(rows).map(([title, losses], i) => {
    const points = losses.map((loss, k) => `${x(ranks[k] ?? 1).toFixed(1)},${y(loss).toFixed(1)}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${colours[i]}" stroke-width="2"/><text x="400" y="${30 + 18 * i}" fill="${colours[i]}">${title}</text>`
  })
  const marks = ranks.map((n) => `<text x="${x(n)}" y="345" text-anchor="middle">${n}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 360" font-family="sans-serif" font-size="13">${lines.join('')}${marks.join('')}</svg>\n`
}
