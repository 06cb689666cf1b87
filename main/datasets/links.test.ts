// Data sets made of links, as the cache of Hugging Face is: what is changed in one stays there.
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { useHost } from '../studio/testing.ts'

const { api, at } = useHost('links')
let folder: string
let blobs: string
let dataset: string

/** Two pictures of two snapshots' names, one blob each for all pictures and all captions. */
beforeEach(async (context) => {
  const cache = at(context.task.id)
  folder = join(cache, 'snapshots', '1')
  blobs = join(cache, 'blobs')
  await mkdir(folder, { recursive: true })
  await mkdir(blobs)
  const data = Uint8Array.from({ length: 96 * 64 * 3 }, (_, k) => (k * 7) % 251)
  await writeFile(join(blobs, 'picture'), await encodePng({ width: 96, height: 64, data }))
  await writeFile(join(blobs, 'words'), 'a cat')
  for (const name of ['a', 'b']) {
    await symlink('../../blobs/picture', join(folder, `${name}.png`))
    await symlink('../../blobs/words', join(folder, `${name}.txt`))
  }
  dataset = (await api.datasets.create({ name: 'Linked', from: { path: folder }, mode: 'reference' })).id
})

const items = async () => (await api.datasets.items({ dataset })).items
const captions = async () => (await items()).map(({ caption }) => caption)
const words = () => readFile(join(blobs, 'words'), 'utf8')

test('a caption that is a link gets a file of its own: the other one and what both lead to stay', async () => {
  const [first] = await items()
  await api.datasets.setCaption({ dataset, item: first?.id ?? '', caption: 'a dog', version: first?.version ?? '' })
  expect([await captions(), await words()]).toEqual([['a dog', 'a cat'], 'a cat'])
  expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('a dog\n')
  await api.datasets.undo({ dataset })
  expect([await captions(), await words()]).toEqual([['a cat', 'a cat'], 'a cat'])
  await api.datasets.redo({ dataset })
  expect([await captions(), await words()]).toEqual([['a dog', 'a cat'], 'a cat'])
})

test('many captions that lead to one file are edited at once', async () => {
  const edit = { kind: 'replace', find: 'cat', with: 'fox' } as const
  await api.datasets.applyEdit({ dataset, selection: { filter: {} }, edit })
  expect([await captions(), await words()]).toEqual([['a fox', 'a fox'], 'a cat'])
})

test('a cropped picture that is a link leaves what it led to, also when it is undone', async () => {
  const before = await readFile(join(blobs, 'picture'))
  const [first] = await items()
  await api.datasets.crop({ dataset, item: first?.id ?? '', box: { left: 0, top: 0, width: 32, height: 32 } })
  expect((await items()).map(({ width, height }) => [width, height])).toEqual([
    [32, 32],
    [96, 64],
  ])
  expect(before.equals(await readFile(join(blobs, 'picture')))).toBe(true)
  await api.datasets.undo({ dataset })
  expect((await items()).map(({ width }) => width)).toEqual([96, 96])
  expect(before.equals(await readFile(join(blobs, 'picture')))).toBe(true)
})
