import { readFile, symlink } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { norms } from '../../engine/adapters/magnitude.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { readWeight } from '../../engine/weights/read-weight.ts'
import { fakeContext, randomAdapter, workFolder, writeTinyModel } from './testing.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { previewExport } from './tools/preview-export.ts'

const { at, remove } = await workFolder()
beforeAll(async () => {
  await writeTinyModel(at('base'), 'sd1')
  const checkpoint = await openCheckpoint(at('base'))
  const modules = moduleShapes(checkpoint)
  const plain = await randomAdapter(at('base'), 'style')
  const dora = plain.modules.map(async (module, i) => {
    if (i % 2 > 0) return module
    const source = checkpoint.unet.weights.get(`${module.path}.weight`)
    const lengths = source ? norms(await readWeight(source), 'output') : new Float32Array()
    const magnitude = { shape: [lengths.length, 1], data: lengths.map((value, n) => value * (1 + 0.1 * Math.sin(n))) }
    return { ...module, variant: 'dora', tensors: { ...module.tensors, magnitude } }
  })
  const metadata = { ss_network_module: 'lycoris.kohya', ss_network_args: '{"dora_wd": "True"}', ss_output_name: 'style' }
  await writeAdapter({ ...plain, modules: await Promise.all(dora), metadata }, 'kohya', at('dora.safetensors'), {
    modules,
    precision: 'fp32',
  })
})
afterAll(remove)

test('DoRA for programs without it: the error is told before anything is written, and in the file', async () => {
  const context = fakeContext()
  const task = { file: at('dora.safetensors'), to: 'kohya', out: at('plain.safetensors'), model: at('base'), strip: false } as const
  const made = await exportAdapter({ ...task, asLora: { extraRank: 8 } }, context)
  expect(made.converted?.error).toBeGreaterThan(0)
  expect(made.converted?.error).toBeLessThan(1)
  expect(made.readBack.identical).toBe(true)
  expect(context.records.find(({ type }) => type === 'note')?.message).toMatch(/As a plain LoRA of ranks 4 to 12 it differs by [\d.]+ %/)

  const file = await openSafetensors(at('plain.safetensors'))
  const told = JSON.parse(file.metadata.get('pigment.converted') ?? '{}') as { error: number; byLayer: object; from: string[] }
  expect(told.error).toBeCloseTo(made.converted?.error ?? NaN, 2)
  expect(Object.keys(told.byLayer)).toHaveLength(made.layers / 2)
  expect(told.from.toSorted()).toEqual(['DoRA', 'LoRA'])
  expect(file.metadata.get('ss_network_module')).toBe('networks.lora')
  expect(file.metadata.has('ss_network_args')).toBe(false)
  const read = await readAdapter(at('plain.safetensors'), moduleShapes(await openCheckpoint(at('base'))))
  expect(new Set(read.modules.map(({ variant }) => variant))).toEqual(new Set(['lora']))
})

test('more ranks are nearer, and a preview of a base that is not at hand says what it lacks', async () => {
  const error = async (rank: number) => {
    const out = at(`rank-${rank}.safetensors`)
    const task = { file: at('dora.safetensors'), to: 'diffusers', out, model: at('base'), strip: true } as const
    return (await exportAdapter({ ...task, asLora: { rank } }, fakeContext())).converted?.error ?? NaN
  }
  expect(await error(24)).toBeLessThan(await error(8))
  const preview = previewExport({ file: at('dora.safetensors'), to: 'kohya', strip: false, asLora: {} }, fakeContext())
  await expect(preview).rejects.toMatchObject({ code: expect.stringMatching(/^(merge-needs-base|adapter-base-unknown)$/) as unknown })
})

test('an export never takes the place of the file that it is made from, also by a link', async () => {
  const before = await readFile(at('dora.safetensors'))
  await symlink(at('dora.safetensors'), at('link.safetensors'))
  for (const out of [at('dora.safetensors'), at('link.safetensors')])
    await expect(
      exportAdapter({ file: at('dora.safetensors'), to: 'kohya', out, model: at('base'), precision: 'fp16', strip: false }, fakeContext()),
    ).rejects.toMatchObject({ code: 'output-is-input' })
  expect(Buffer.compare(before, await readFile(at('dora.safetensors')))).toBe(0)
})
