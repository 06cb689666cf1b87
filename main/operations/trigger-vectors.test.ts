// Vectors of a trigger word (textual inversion), from the terminal's side: alone or beside an adapter, stopped and gone on with, written, drawn with.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import { writeEmbedding } from '../../engine/adapter-formats/write-embedding.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { callableEmbeddings } from '../../engine/embeddings/callable.ts'
import { checkFit } from '../../engine/embeddings/fit.ts'
import { readEmbeddings } from '../../engine/embeddings/read.ts'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import type { TensorSource } from '../../engine/checkpoint/config.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import type { Plan } from '../../engine/training/plan.ts'
import { extraOf, startOf } from '../../engine/training/theta.ts'
import { withTriggerVectors } from '../../engine/training/trigger-plan.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { train } from '../commands/train.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { leftOutOf } from './continued.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { adaptedSizes } from './tools/adapted-sizes.ts'
import { writeTrained } from './trained-embedding.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const [one, two] = [folder.at('sd1'), folder.at('sdxl')]
/** Letters that are words of their own. */
const words = { 'a</w>': 3, 'b</w>': 4, 'c</w>': 5, 'x</w>': 6, ',</w>': 7, '<|startoftext|>': 18, '<|endoftext|>': 19 }
beforeAll(async () => {
  for (const [path, family] of [[one, 'sd1'], [two, 'sdxl']] as const) {
    await writeTinyModel(path, family)
    for (const name of ['tokenizer', 'tokenizer_2'])
      if (existsSync(`${path}/${name}`)) await writeFile(`${path}/${name}/vocab.json`, JSON.stringify(words))
  }
  await writeDataset(folder.at('pictures'), ['a', 'b'])
}) // prettier-ignore
afterAll(folder.remove)

const usual = { layers: 'all', groups: 'cross-k', rank: 2, alpha: 2, steps: 3, lr: 1e-2, resolution: 64, trigger: 'x', triggerStart: 'b c' }

async function trained(name: string, more: Readonly<Record<string, unknown>>, stop?: number) {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, title: 't', model: one, ...more, dataset: folder.at('pictures'), out })
  const given = { ...fromPairs(input), ...folder.machinery, checkpointEvery: 1 } as const
  const states: Adapter[] = []
  const run = async (at: number) => {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const result = await trainAdapter(given, { ...context, signal: interrupt.signal }, {
      async afterStep(_, step, adapter) {
        states[step] = await adapter()
        if (step >= at) interrupt.abort()
      },
    }) // prettier-ignore
    return { result, trainable: context.records.find(({ type }) => type === 'start')?.['trainable'] }
  }
  if (stop !== undefined) await expect(run(stop)).rejects.toMatchObject({ code: 'cancelled' })
  const { result, trainable } = await run(Infinity)
  return { out, result, trainable, states, file: await readFile(result.out) }
}

const shapes = async (path: string) => moduleShapes(await openCheckpoint(path))
const vectorsOf = ({ embeddings: [learnt] = [] }: Pick<Adapter, 'embeddings'>) => Object.values(learnt?.vectors ?? {})

test('beside an adapter they are in its file and in one of their own, and a run that is stopped goes on bit for bit', async () => {
  const more = { triggerVectors: 3, triggerNorm: true, triggerSteps: 2, ema: 0.5 }
  const [whole, parted] = [await trained('whole', more), await trained('parted', more, 2)]
  expect(parted.file.equals(whole.file)).toBe(true)
  const adapter = await readAdapter(whole.out, await shapes(one))
  expect(adapter.modules.length).toBeGreaterThan(0)
  expect(adapter.skipped).toEqual([])
  expect(adapter.embeddings).toMatchObject([{ names: ['x'], bundled: true }])
  const { embedding = '' } = whole.result
  expect(embedding.endsWith('whole-embedding/x.safetensors')).toBe(true)
  const [own] = await readEmbeddings(embedding)
  expect(own?.vectors).toEqual(adapter.embeddings?.[0]?.vectors)
  expect(vectorsOf(adapter).map(({ shape }) => shape)).toEqual([[3, 32]])
  const request = trainRequest.parse({ dataset: 'd', ...usual, ...more })
  expect((await adaptedSizes({ path: one, request })).trainable).toBe(whole.trainable)
}) // prettier-ignore

test('alone they are the file, begin as words or at random, and move at their own rate', async () => {
  const alone = await trained('alone', { unetRate: 0, triggerVectors: 3, triggerRate: 1e-7, weightDecay: 0 })
  const file = await openSafetensors(alone.out)
  expect([...file.entries.keys()]).toEqual(['emb_params'])
  expect(alone.result).toMatchObject({ layers: 0, vectors: 3 })
  expect(file.metadata.get('modelspec.architecture')).toBe('stable-diffusion-v1/textual-inversion')
  expect(file.metadata.get('ss_network_module')).toBeUndefined()
  expect(file.metadata.get('pigment.recipe')).toContain('trigger-vectors = 3')
  const [read] = await readEmbeddings(alone.out)
  expect(read?.names).toEqual(['alone', 'x'])
  const [encoder] = (await openCheckpoint(one)).textEncoders
  const table = await readWeight(encoder?.weights.get('text_model.embeddings.token_embedding.weight') as TensorSource)
  const row = (id: number) => [...table.data.subarray(id * 32, id * 32 + 32)]
  const learnt = await readTensor(file, 'emb_params')
  expect(relativeL2(learnt.data, [...row(4), ...row(5), ...row(4)])).toBeLessThan(1e-4)
})

test('what a run of vectors alone had learnt when it was stopped is exported, steps are kept as it is itself, and another run goes on from it', async () => {
  const at = { unetRate: 0, triggerVectors: 2 }
  await expect(trained('stopped', { ...at, stopAt: 2 })).resolves.toMatchObject({ result: { steps: 2 } })
  const out = folder.at('exported.safetensors')
  const exported = { file: folder.at('stopped.run'), to: 'kohya', out, model: one, strip: false } as const
  expect(await exportAdapter(exported, fakeContext())).toMatchObject({ layers: 0 })
  const read = await readAdapter(out, await shapes(one))
  expect([read.modules, vectorsOf(read).map(({ shape }) => shape)]).toEqual([[], [[2, 32]]])

  const options = { modules: await shapes(one), precision: 'fp32', as: 'kept' } as const
  await writeTrained(read, folder.at('kept.safetensors'), options)
  expect([...(await openSafetensors(folder.at('kept.safetensors'))).entries.keys()]).toEqual(['emb_params'])

  const further = await trained('further', { ...at, continue: out, steps: 1, triggerRate: 1e-7, weightDecay: 0 })
  const [own] = await readEmbeddings(further.out)
  expect(relativeL2(own?.vectors['']?.data ?? [], vectorsOf(read)[0]?.data ?? [])).toBeLessThan(1e-4)
  await expect(trained('others', { ...at, continue: out, triggerVectors: 3 })).rejects.toMatchObject({ code: 'continue-mismatch' })
  expect(leftOutOf('f', read, { trigger: 'X', triggerVectors: 2 })).toBeUndefined()
  expect(leftOutOf('f', read)).toMatchObject({ facts: { skipped: 1 } })
})

test('a picture that is drawn with the word uses them, with the adapter and with the file of their own', async () => {
  const { out, states } = await trained('drawn', {
    unetRate: 0,
    triggerVectors: 2,
    triggerRandom: true,
    triggerStart: undefined,
    triggerRate: 0.5,
  })
  const [learnt] = await readEmbeddings(out)
  await using model = await Model.open(one, { threads: 1 })
  const heard = async (prompt: string, embeddings: Adapter['embeddings'] = []) =>
    (await model.encodePrompts([prompt], { embeddings })).context.data
  const [plain, called] = [await heard('a x'), await heard('a x', learnt && [learnt])]
  expect(relativeL2(called, plain)).toBeGreaterThan(0.01)
  expect(relativeL2(await heard('a x', states[3]?.embeddings), called)).toBe(0)
  // The file and the adapter of one run have the same vectors: no name stands for two.
  const stack = [{ adapter: states[3] as Adapter, weight: 1, enabled: true }]
  expect([...callableEmbeddings(model.checkpoint, learnt && [learnt], stack)]).toEqual([])
  expect(relativeL2(await heard('a b', states[3]?.embeddings), await heard('a b'))).toBe(0)
  expect(states[3]?.modules).toEqual([])
  expect(vectorsOf(states[1] as Adapter)).not.toEqual(vectorsOf(states[2] as Adapter))
})

test('two encoders have vectors each, under the names of their files; at random they are as large as the vocabulary, and kept as long as its middle one', async () => {
  await using model = await Model.open(two, { threads: 1 })
  const request = trainRequest.parse({ dataset: 'd', trigger: 'x', triggerVectors: 2, triggerRandom: true, triggerNorm: true, unetRate: 0 })
  const members = [{ index: 0, seed: 3 }]
  const empty: Plan<Adapter> = { trainables: [], result: () => ({ name: 'x', modules: [], metadata: {}, skipped: [] }) }
  const plan = withTriggerVectors(empty, model, request)
  expect(plan.trainables.map(({ name, shape }) => [name, shape])).toEqual([
    ['text_encoder/trigger/vectors', [2, 32]],
    ['text_encoder_2/trigger/vectors', [2, 48]],
  ])
  const theta = await startOf(plan, members)
  expect(theta).toEqual(await startOf(plan, members))
  const parts = views(layoutOf(plan.trainables).placements, theta)
  const extra = extraOf(plan)
  plan.begin?.({ member: members[0]!, theta: parts, extra })
  plan.afterUpdate?.({ step: 1, member: members[0]!, extra, frozen: {}, theta: parts, gradient: parts })
  for (const [
    i,
    {
      weights,
      config: { width },
    },
  ] of model.checkpoint.textEncoders.entries()) {
    const { data, shape } = await readWeight(weights.get('text_model.embeddings.token_embedding.weight') as TensorSource)
    const lengths = Array.from({ length: shape[0] ?? 0 }, (_, row) => Math.hypot(...data.subarray(row * width, (row + 1) * width))).sort(
      (a, b) => a - b,
    )
    const own = Object.values(parts)[i]?.data ?? new Float32Array()
    expect(Math.hypot(...own.subarray(0, width)) / (lengths[Math.floor((lengths.length - 1) / 2)] ?? 0)).toBeCloseTo(1, 5)
    expect(own[0]).not.toBe(own[width])
  }
  const { embeddings: [learnt] = [] } = await plan.result([{ theta: parts, extra, frozen: {} }])
  const file = folder.at('two.safetensors')
  await writeEmbedding(learnt!, file, { precision: 'fp16', metadata: {} })
  expect([...(await openSafetensors(file)).entries].map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
    ['clip_g', [2, 48], 'F16'],
    ['clip_l', [2, 32], 'F16'],
  ])
  for (const one of await readEmbeddings(file)) checkFit(one, model.checkpoint)
})

test('what cannot be is told before anything is loaded', async () => {
  const told = (more: object) =>
    trainingProblems({ ...trainRequest.parse({ dataset: 'd', ...more }), continueFrom: undefined }).map(({ code }) => code)
  expect(told({ trigger: 'x', triggerVectors: 4 })).toEqual([])
  expect(told({ trigger: 'x', triggerVectors: 4, unetRate: 0 })).toEqual([])
  expect(told({ triggerVectors: 4 })).toEqual(['trigger-word'])
  expect(told({ trigger: 'x', triggerStart: 'ink' })).toEqual(['field-needs'])
  expect(told({ trigger: 'x', triggerVectors: 4, triggerStart: 'ink', triggerRandom: true })).toEqual(['trigger-start'])
  expect(told({ trigger: 'x', triggerVectors: 4, triggerStart: '水墨' })).toEqual(['trigger-start-unread'])
  expect(told({ trigger: 'x', triggerVectors: 4, members: 2 })).toEqual(['trigger-members'])
  expect(told({ trigger: 'x', triggerVectors: 4, method: 'full' })).toEqual(['trigger-method'])
  expect(told({ trigger: 'x', triggerVectors: 4, optimizer: 'prodigy', lr: 1 })).toEqual(['optimizer-rates'])
  await expect(trained('room', { triggerVectors: 6 })).rejects.toMatchObject({ code: 'trigger-room', facts: { room: 5 } })
  await expect(trained('unread', { triggerVectors: 2, triggerStart: 'style' })).rejects.toMatchObject({ code: 'trigger-start-unread' })
})
