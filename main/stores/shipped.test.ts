import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { carriedMetadata } from '../../engine/adapter-formats/format.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { Library } from './library.ts'
import { MediaNames } from './media.ts'
import { bringShipped } from './shipped.ts'
import { Trash } from './trash.ts'

let root: string
const at = (...parts: string[]): string => join(root, ...parts)
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-shipped-'))
  for (const name of ['library', 'trash', 'shipped']) await mkdir(at(name))
  for (const name of ['one', 'two']) await writeFile(at('shipped', `${name}.safetensors`), name)
  await writeFile(at('shipped', 'one.png'), 'cover')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const facts = {
  format: 'kohya',
  family: 'sd15',
  base: '',
  layers: 1,
  layersByNetwork: {},
  ranks: [4],
  triggers: [],
  title: '',
  metadata: [],
  leftOut: [],
}
const open = (): Promise<Library> =>
  Library.open({
    folder: at('library'),
    trash: new Trash(at('trash')),
    media: new MediaNames(),
    tools: { call: async () => facts } as never,
  })

test('the adapters that ship leave without what A1111’s metadata editor cannot read', async () => {
  const folder = join(import.meta.dirname, '../../assets/adapters')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'))
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) {
    const { metadata } = await openSafetensors(join(folder, name))
    const carried = Object.entries(carriedMetadata(Object.fromEntries(metadata)))
    expect(carried.filter(([key, value]) => value === 'None' && /^(ss_training|modelspec)/.test(key))).toEqual([])
  }
})

test('what ships comes once, with its cover; what was removed stays away, and a new one still comes', async () => {
  const library = await open()
  const added = await bringShipped(library, at('library'), at('shipped'))
  expect(added.map(({ name, source, cover }) => [name, source, cover !== undefined])).toEqual([
    ['one', 'shipped', true],
    ['two', 'shipped', false],
  ])
  await library.remove([added[0]?.id ?? ''])
  await library.close()

  const later = await open()
  await writeFile(at('shipped', 'three.safetensors'), 'three')
  expect((await bringShipped(later, at('library'), at('shipped'))).map(({ name }) => name)).toEqual(['three'])
  expect(
    later
      .list()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['three', 'two'])
  await later.close()
})

test('a folder that does not exist ships nothing', async () => {
  const library = await open()
  expect(await bringShipped(library, at('library'), at('nowhere'))).toEqual([])
  await library.close()
})
