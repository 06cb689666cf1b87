import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { fakeContext, randomAdapter, workFolder, writeTinyModel } from './testing.ts'
import { bake } from './tools/bake.ts'

const { at, remove } = await workFolder()
beforeAll(async () => {
  await writeTinyModel(at('base'), 'sd1')
  const adapter = await randomAdapter(at('base'), 'style')
  const modules = moduleShapes(await openCheckpoint(at('base')))
  await writeAdapter(adapter, 'kohya', at('style.safetensors'), { modules, precision: 'fp32' })
})
afterAll(remove)

const lora = [{ file: at('style.safetensors'), weight: 0.5, enabled: true }]

test('adapters of the library are merged into a folder, and how far it is told in megabytes', async () => {
  const context = fakeContext()
  const made = await bake({ model: at('base'), lora, to: 'checkpoint', out: at('merged') }, context)
  expect(made).toMatchObject({ format: 'checkpoint', base: 'base', loras: [{ name: 'style', weight: 0.5 }] })
  expect(made.changedTensors).toBe(made.loras[0]?.layers)
  const told = context.records.filter(({ type }) => type === 'prepare')
  expect(told.at(-1)).toMatchObject({ stage: 'MB', done: told[0]?.total })
  await expect(openCheckpoint(at('merged'))).resolves.toMatchObject({ family: 'sd1' })
  await expect(bake({ model: at('base'), lora, to: 'checkpoint', out: at('merged') }, context)).rejects.toMatchObject({
    code: 'bake-exists',
  })
})

test('an ONNX model has its own ending', async () => {
  const task = { model: at('base'), lora, to: 'onnx' }
  await expect(bake({ ...task, out: at('merged.safetensors') }, fakeContext())).rejects.toMatchObject({ code: 'usage' })
  const made = await bake({ ...task, out: at('merged.onnx'), precision: 'fp16' }, fakeContext())
  expect(made).toMatchObject({ format: 'onnx', precision: 'fp16', files: [at('merged.onnx')] })
})
