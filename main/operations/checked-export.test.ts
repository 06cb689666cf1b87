import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import type { AdapterModule } from '../../engine/adapters/adapter.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { fakeContext, randomAdapter, workFolder, writeTinyModel } from './testing.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { previewExport } from './tools/preview-export.ts'

const { at, remove } = await workFolder()
const metadata = { ss_output_name: 'style', ss_network_dim: '4', ss_training_comment: '/home/mei/set', ss_base_model_version: 'sd_v1' }
beforeAll(async () => {
  await writeTinyModel(at('base'), 'sd1')
  const modules = moduleShapes(await openCheckpoint(at('base')))
  const style = { ...(await randomAdapter(at('base'), 'style')), metadata }
  await writeAdapter(style, 'kohya', at('style.safetensors'), { modules, precision: 'fp32' })
  const norm: AdapterModule = {
    ...{ component: 'text_encoder', path: 'text_model.final_layer_norm', variant: 'full', alpha: 1 },
    tensors: { normDelta: { shape: [32], data: new Float32Array(32).fill(0.1) } },
  }
  await writeAdapter({ ...style, modules: [...style.modules, norm] }, 'kohya', at('norm.safetensors'), { modules, precision: 'fp32' })
})
afterAll(remove)

test('what is written is read by all that it is for, under the hashes that they know it by', async () => {
  const task = { file: at('style.safetensors'), to: 'kohya', model: at('base'), precision: 'fp16', strip: false, check: true } as const
  const { readers = [], hashes = [] } = await exportAdapter({ ...task, out: at('out.safetensors') }, fakeContext())
  const layers = `${(await randomAdapter(at('base'), 'style')).modules.length} of ${(await randomAdapter(at('base'), 'style')).modules.length}`
  for (const program of ['A1111', 'Forge', 'ComfyUI'])
    expect(readers.find((one) => one.program === program)).toMatchObject({ for: 'yes', layers, dropped: 0 })
  expect(hashes).toEqual([
    {
      name: 'out.safetensors',
      autoV2: expect.stringMatching(/^[0-9a-f]{10}$/),
      autoV3: expect.stringMatching(/^[0-9a-f]{12}$/),
      sshsAgrees: true,
    },
  ])
  const folder = await exportAdapter({ ...task, to: 'peft', out: at('folder') }, fakeContext())
  expect(folder.readers?.find((one) => one.program === 'PEFT')).toMatchObject({ for: 'yes', layers })
})

test('a program that it is for and that loses layers is an error, by the key and what to do', async () => {
  const task = { file: at('norm.safetensors'), to: 'kohya', model: at('base'), out: at('lossy.safetensors'), strip: false } as const
  const lossy = exportAdapter({ ...task, check: true }, fakeContext())
  await expect(lossy).rejects.toMatchObject({
    code: 'export-lossy',
    message: expect.stringMatching(/ComfyUI loads \d+ of \d+ layers.*final_layer_norm.*--to/) as unknown,
  })
  await expect(exportAdapter(task, fakeContext())).resolves.toMatchObject({ format: 'kohya' })
})

test('every field is told with what it may say, and goes one by one', async () => {
  const task = { file: at('style.safetensors'), to: 'kohya', model: at('base'), strip: false } as const
  const told = async (more: object) => (await previewExport({ ...task, ...more }, fakeContext())).metadata
  const all = await told({ author: 'Mei' })
  const of = (key: string) => all.find((field) => field.key === key)
  expect(of('ss_training_comment')).toEqual({ key: 'ss_training_comment', tells: 'path', value: '/home/mei/set' })
  expect(of('modelspec.author')?.tells).toBe('names')
  expect(of('ss_network_dim')).toEqual({ key: 'ss_network_dim', value: '4' })
  expect((await told({ leaveOut: ['ss_training_comment', 'ss_output_name'] })).map(({ key }) => key)).not.toContain('ss_training_comment')
  expect((await told({ strip: true })).every(({ tells }) => tells === undefined)).toBe(true)
})
