import { utimes } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { workFolder } from './testing.ts'
import { heldModel, releaseModel } from './held-model.ts'

const folder = await workFolder()
afterAll(async () => {
  await releaseModel()
  await folder.remove()
})

test('a model stays open until another one is asked for, or a file of it changes', async () => {
  await writeDiffusers(folder.at('model'), tinyModel('sd1'))
  const get = (more: { vae?: string } = {}) =>
    heldModel({ model: folder.at('model'), ...more }, { device: { provider: 'cpu', skipped: [] }, threads: 1, emit: () => undefined })
  const first = await get()
  expect(await get()).toBe(first)
  for (const file of [
    'unet/diffusion_pytorch_model.safetensors',
    'text_encoder/model.safetensors',
    'vae/diffusion_pytorch_model.safetensors',
  ]) {
    const before = await get()
    await utimes(folder.at('model', ...file.split('/')), 1, 1)
    const after = await get()
    expect(after).not.toBe(before)
    expect(await get()).toBe(after)
  }
  const other = await get({ vae: folder.at('model', 'vae') })
  expect(other.checkpoint.vaePath).toBe(folder.at('model', 'vae'))
  expect((await get()).checkpoint.vaePath).toBeUndefined()
})
