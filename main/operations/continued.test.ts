import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { loraModule, pairOf } from '../../engine/adapters/variants/lora.ts'
import { moduleRank } from '../../engine/adapters/variants/variant.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { doneHere } from '../cli/done-here.ts'
import { fieldsOf } from '../cli/fields.ts'
import { fakeContext, never, randomAdapter, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { train as trainCommand } from '../commands/train.ts'

const train = doneHere(trainCommand)

const folder = await workFolder()
const model = folder.at('tiny')
const [first, texts] = [folder.at('first.safetensors'), folder.at('texts.safetensors')]
const shapes = async () => moduleShapes(await openCheckpoint(model))

const run = async (name: string, given: object): Promise<Adapter> => {
  const out = folder.at(`${name}.safetensors`)
  const usual = { dataset: folder.at('pictures'), model, out, steps: 1, lr: 1e-30, resolution: 64 }
  await train.run(fakeContext(), train.input.parse({ ...usual, ...given }), never)
  return readAdapter(out, await shapes())
}

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeDataset(folder.at('pictures'), ['a'])
  await run('first', { rank: 3, alpha: 2, layers: 'transformer', lr: 1e-2, steps: 2 })
  const values = (shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) })
  const where = { component: 'text_encoder', path: 'text_model.encoder.layers.0.mlp.fc1' } as const
  const layer = loraModule(where, { down: values([4, 32]), up: values([64, 4]), alpha: 2 })
  const both = await randomAdapter(model, 'texts')
  await writeAdapter({ ...both, modules: [...both.modules, layer] }, 'kohya', texts, { modules: await shapes(), precision: 'fp32' })
})
afterAll(folder.remove)

test('an adapter is trained further with the rank, alpha and layers that it has', async () => {
  const [before, after] = [await readAdapter(first, await shapes()), await run('second', { continue: first })]
  expect(after.modules.map((module) => [module.path, module.alpha, moduleRank(module)])).toEqual(
    before.modules.map(({ path }) => [path, 2, 3]),
  )
  // A step of no length leaves it as it was; a real one does not.
  for (const [i, module] of after.modules.entries()) {
    const { down, up } = pairOf(module)
    expect(down).toEqual(before.modules[i]?.tensors.down)
    expect(relativeL2(up.data, before.modules[i]?.tensors.up?.data ?? [])).toBeLessThan(1e-6)
  }
  const learnt = await run('third', { continue: first, lr: 1e-2 })
  expect(learnt.modules.map(({ tensors }) => tensors.up)).not.toEqual(before.modules.map(({ tensors }) => tensors.up))
})

test('what does not fit, and what the result would lack, is told before the training', async () => {
  await expect(run('rank', { continue: first, rank: 4 })).rejects.toMatchObject({ code: 'continue-mismatch' })
  await expect(run('layers', { continue: first, layers: 'attention' })).rejects.toThrow(/also adapts \d+ layers that are not trained here/)
  await expect(run('texts-too', { continue: texts })).rejects.toMatchObject({ code: 'continue-text-encoder' })
  await expect(run('none', { continue: folder.at('none.safetensors') })).rejects.toMatchObject({ code: 'file-not-found' })
})

test('the command line has it, and says what counts otherwise', () => {
  const fields = new Map(fieldsOf(train.input).map(({ flag, description, required }) => [flag, { description, required }]))
  expect(fields.get('--continue')).toMatchObject({ required: false })
  expect(['--rank', '--alpha', '--layers'].map((flag) => /\(default: [^)]+\)$/.exec(fields.get(flag)?.description ?? '')?.[0])).toEqual([
    '(default: as the preset says)',
    '(default: as the preset says)',
    '(default: as the preset says)',
  ])
})
