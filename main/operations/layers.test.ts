// Layers that differ in rank, alpha and rate, from the terminal's side: such a run goes on bit for bit, and every format says what was trained.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportFormats } from '../../engine/requests/adapter-formats.ts'
import { adapterFormats } from '../../engine/adapter-formats/index.ts'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import { moduleRank } from '../../engine/adapters/variants/variant.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { train } from '../commands/train.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { adaptedSizes } from './tools/adapted-sizes.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const path = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(path, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

const usual = { layers: 'all', rank: 4, alpha: 2, steps: 4, lr: 1e-2, resolution: 64, title: 'x' }

async function trained(name: string, stops: readonly number[], more: object) {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, ...more, dataset: folder.at('pictures'), model: path, out })
  const given = { ...fromPairs(input), ...folder.machinery } as const
  let trainable = 0
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const run = trainAdapter({ ...given, checkpointEvery: 1 }, { ...context, signal: interrupt.signal }, {
      afterStep: async (_, step) => { if (step >= stop) interrupt.abort() },
    }) // prettier-ignore
    if (stop === Infinity) await run
    else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    for (const record of context.records) if (record.type === 'start') trainable = record.trainable as number
  }
  return { out, file: await readFile(out), trainable }
}

/** Some of each shape and place: opening a session takes as long as there are layers. */
const groups = 'cross-out,samplers,time'
const blocks = { groups, blockRanks: 'IN01=2,M00=0,OUT=6', blockRates: 'OUT=0.5' }
const drops = { dropout: 0.2, rankDropout: 0.25, moduleDropout: 0.25 }
test.each([
  ['ranks and rates by block', [1, 3], [2, 4, 6], { ...blocks, convRank: 2, convAlpha: 3 }],
  ['rank-stabilised, shared out', [2], [2, 4, 6], { ...blocks, rsLora: true, members: 2, ...drops }],
  ['groups', [2], [4], { groups: 'cross-v,samplers', ema: 0.5, loraPlus: 4 }],
  ['PiSSA with dropouts', [1, 3], [2, 8], { groups, start: 'pissa', convRank: 1, ...drops, accumulation: 2, ema: 0.5 }],
  ['LoHa', [2], [2, 4, 6], { variant: 'loha', ...blocks }],
])('a run that is stopped goes on bit for bit, and is what every format says: %s', async (name, stops, ranks, more) => {
  const [whole, parted] = [await trained(`${name} whole`, [], more), await trained(`${name} parted`, stops, more)]
  expect(parted.file.equals(whole.file)).toBe(true)
  const modules = moduleShapes(await openCheckpoint(path))
  const adapter = await readAdapter(whole.out, modules)
  expect(new Set(adapter.modules.map((module) => moduleRank(module)))).toEqual(new Set(ranks))
  for (const format of exportFormats) {
    const at = folder.at(`${name} ${format.name}`)
    const folders = adapterFormats.find((one) => one.name === format.name)?.folder
    const written = await writeAdapter(adapter, format.name, at, { modules, precision: 'fp32' }).catch((error: { code: string }) => error.code)
    // Some cannot say what no low-rank pair is, and tell so.
    if (typeof written === 'string') { expect([name, format.name, written]).toEqual(['LoHa', format.name, 'adapter-format-variant']); continue } // prettier-ignore
    const back = await readAdapter(folders ? at : (written[0] ?? at), modules)
    expect([format.name, compareAdapters(back, adapter)]).toMatchObject([format.name, { identical: true, missing: [] }])
  }
  const request = trainRequest.parse({ dataset: 'd', ...usual, ...more })
  expect(await adaptedSizes({ path, request })).toMatchObject({ trainable: whole.trainable, layers: adapter.modules.length })
}) // prettier-ignore

test('what began as PiSSA is trained further as an ordinary LoRA of twice the rank', async () => {
  const modules = moduleShapes(await openCheckpoint(path))
  const first = await trained('pissa', [], { layers: 'attention', start: 'pissa', ...drops })
  const { metadata } = await readAdapter(first.out, modules)
  expect(metadata).toMatchObject({ ss_network_dim: '8', ss_network_alpha: '4', ss_network_dropout: '0.2' })
  expect(JSON.parse(metadata.ss_network_args ?? '')).toMatchObject({ rank_dropout: '0.25', module_dropout: '0.25' })
  expect(JSON.parse(metadata['pigment.start'] ?? '')).toEqual({ start: 'pissa', iterations: 0 })
  const left = { layers: undefined, rank: undefined, alpha: undefined }
  const further = await readAdapter((await trained('pissa further', [], { ...left, continue: first.out })).out, modules)
  expect(new Set(further.modules.map((module) => moduleRank(module)))).toEqual(new Set([8]))
})

test.each([
  ['groups', { groups: 'cross-v,samplers,feed-forward', convRank: 2 }],
  ['blocks', { groups, blockRanks: 'IN01=2,M00=0,OUT=6', convRank: 3 }],
])('an adapter of differing ranks tells them where it is trained further: %s', async (name, more) => {
  const modules = moduleShapes(await openCheckpoint(path))
  const ranksOf = async ({ out }: { readonly out: string }) =>
    (await readAdapter(out, modules)).modules.map((module) => `${module.path} ${moduleRank(module)}`)
  const first = await trained(`${name} first`, [], { ...more, steps: 1 })
  const left = { layers: undefined, rank: undefined, alpha: undefined, steps: 1 }
  expect(await ranksOf(await trained(`${name} further`, [], { ...left, continue: first.out }))).toEqual(await ranksOf(first))
})

test('a block at rate 0 stays as it began: nothing, or the adapter that is trained further', async () => {
  const modules = moduleShapes(await openCheckpoint(path))
  const read = async ({ out }: { readonly out: string }) => (await readAdapter(out, modules)).modules
  const first = await trained('first', [], { layers: 'attention' })
  const still = await read(await trained('still', [], { layers: 'attention', blockRates: 'IN=0' }))
  const before = await read(first)
  expect(still.length).toBeLessThan(before.length)
  const more = { layers: undefined, rank: undefined, alpha: undefined, continue: first.out, blockRates: 'IN=0' }
  const after = await read(await trained('further', [], more))
  const held = (at: string): boolean => at.startsWith('down_blocks.')
  for (const [i, { path, tensors }] of after.entries())
    expect([path, tensors.up?.data.every((x, k) => x === before[i]?.tensors.up?.data[k])]).toEqual([path, held(path)])
})
