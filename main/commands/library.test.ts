// The library by commands, as terminal, HTTP and screens call them.
import { copyFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { useHost } from '../studio/testing.ts'
import { putAdapter } from '../stores/testing-shelf.ts'

const studio = useHost('library')
const { api, at } = studio
const soon = { timeout: 30_000 }
const shipped = await readdir(new URL('../../assets/adapters/', import.meta.url))

test('what comes in twice is named and both are kept, or the new one stays away', async () => {
  await putAdapter(at('given', 'moss.safetensors'), 1)
  await putAdapter(at('given', 'same.safetensors'), 1, { ss_output_name: 'Other words' })
  const first = await api.library.import({ from: { path: at('given', 'moss.safetensors') } })
  expect([first.added.map(({ name }) => name), first.twins]).toEqual([['moss'], []])
  await expect(api.library.import({ from: { path: at('given', 'same.safetensors') }, twice: 'skip' })).rejects.toMatchObject({
    code: 'adapter-known',
    facts: { name: 'moss' },
  })
  const second = await api.library.import({ from: { path: at('given', 'same.safetensors') } })
  expect(second.twins.map(({ adapter, of }) => [adapter, of.map(({ name }) => name)])).toEqual([[second.added[0]?.id, ['moss']]])
  await expect.poll(async () => (await api.library.list({ twice: true })).map(({ name }) => name).sort(), soon).toEqual(['moss', 'same'])
})

test('words of a person are found, sorted and taken back; a cover may be a file, and must be a picture', async () => {
  const [moss] = await api.library.list({ text: 'name:moss' })
  const adapter = moss?.id ?? ''
  const triggerSets = [{ name: 'Wet', words: 'dew, rain', weight: 0.6 }]
  const changed = await api.library.update({
    adapter,
    rating: 5,
    favourite: true,
    tags: ['green'],
    weight: 0.7,
    triggerSets,
    triggers: ['mossy'],
  })
  expect(changed).toMatchObject({ rating: 5, favourite: true, tags: ['green'], weight: 0.7, triggerSets, triggers: ['mossy'] })
  expect((await api.library.list({ text: 'tag:green dew', favourite: true, rating: 5 })).map(({ id }) => id)).toEqual([adapter])
  expect((await api.library.list({ sort: 'rating' }))[0]?.id).toBe(adapter)
  const back = await api.library.update({ adapter, weight: null, triggers: null })
  expect([back.weight, back.triggers]).toEqual([undefined, []])
  await copyFile(new URL('../../build/resources/icon.png', import.meta.url), at('cover.png'))
  expect((await api.library.update({ adapter, coverFile: { path: at('cover.png') } })).cover).toBeDefined()
  await expect(api.library.update({ adapter, coverFile: { path: at('given', 'moss.safetensors') } })).rejects.toThrow()
  expect((await api.library.update({ adapter, cover: null })).cover).toBeUndefined()
  await expect(api.library.update({ adapter, rating: 6 })).rejects.toMatchObject({ code: 'input-invalid' })
})

test('before it is used it is read whole on the model: how it acts, and what is wrong with it', async () => {
  const [moss] = await api.library.list({ text: 'name:moss' })
  const check = await api.library.check({ adapter: moss?.id ?? '' })
  expect(check).toMatchObject({ warnings: [], variants: { LoRA: check.layers }, folded: 0, alphas: [2], leftOut: [] })
  expect(check.layersByNetwork).toEqual({ unet: check.layers })
})

test('folders of other programs are added, told and taken out', async () => {
  await putAdapter(at('loras', 'sub', 'pen.safetensors'), 3)
  const [folder] = await api.library.addFolder({ path: at('loras') })
  expect(folder).toMatchObject({ path: at('loras'), adapters: 1 })
  expect((await api.library.list({ folder: 'loras/sub' })).map(({ name, watched }) => [name, watched])).toEqual([['pen', true]])
  expect(await api.library.removeFolder({ folder: folder?.id ?? '' })).toEqual([])
  await expect(api.library.removeFolder({ folder: folder?.id ?? '' })).rejects.toMatchObject({ code: 'library-folder-unknown' })
  expect((await api.library.list({ text: 'pen' })).map(({ name }) => name)).toEqual([])
})

test('everything is there after a restart, those that ship once', async () => {
  const before = await api.library.list()
  await studio.host.close()
  await studio.open()
  const names = (await api.library.list({ sort: 'name' })).map(({ name }) => name)
  expect(names.toSorted()).toEqual(before.map(({ name }) => name).toSorted())
  expect(names.length).toBe(2 + shipped.filter((name) => name.endsWith('.safetensors')).length)
  expect((await readdir(at('home', 'library'))).filter((name) => / 2\./.test(name))).toEqual([])
})
