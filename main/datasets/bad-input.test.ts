// What a person may bring by accident: each ends in a sentence, and nothing is lost.
import { chmod, open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { useHost } from '../studio/testing.ts'
import { emptyPng, writeFiles, zip, type Files } from './testing.ts'

/** How many captions may still be written. */
const disk = vi.hoisted(() => ({ room: Infinity }))
vi.mock('../../engine/files/atomic.ts', async (original) => {
  const real = await original<typeof import('../../engine/files/atomic.ts')>()
  const writeFileAtomic: typeof real.writeFileAtomic = (path, bytes) => {
    if (path.endsWith('.txt') && bytes instanceof Uint8Array && new TextDecoder().decode(bytes).includes('new') && --disk.room < 0)
      return Promise.reject(new PigmentError('disk-full', `The disk that holds "${path}" is full.`, { path }))
    return real.writeFileAtomic(path, bytes)
  }
  return { ...real, writeFileAtomic }
})

const studio = useHost('bad')
const { api, at } = studio
const png = await encodePng({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(9) })
const folderWith = (name: string, files: Files): Promise<string> => writeFiles(at(name), files)
const ownFolders = (): Promise<string[]> => readdir(at('home', 'datasets'))

test('a folder that is larger than the disk: the room is told, and the folder works where it is', async () => {
  const folder = await folderWith('huge', { 'a.png': png })
  for (let i = 0; i < 4; i++) {
    await using file = await open(join(folder, `${i}.png`), 'w')
    // Sparse: the size of a disk without its blocks.
    await file.truncate(2 ** 42)
  }
  await expect(api.datasets.create({ name: 'Huge', from: { path: folder } })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(
      /^Copying needs 17\.6 TB, and the disk of ".*" has \d[\d.]* [kMGT]?B, of which 268 MB stay free\..* where it is/,
    ) as string,
  })
  expect(await ownFolders()).toEqual([])
  const set = await api.datasets.create({ name: 'Huge', from: { path: folder }, mode: 'reference' })
  expect([set.pictures, set.flags.unreadable]).toEqual([5, 4])
  const { items } = await api.datasets.items({ dataset: set.id })
  expect(items[0]?.problem?.code).toBe('picture-too-large')
  expect(items[0]?.flags).toEqual(['unreadable', 'no-caption'])
})

test('a zip bomb stops at the limit, whatever its headers claim', async () => {
  await writeFile(at('bomb.zip'), zip([{ name: 'a.png', data: Buffer.alloc(64 * 2 ** 20), claimed: 100 }]))
  await expect(api.datasets.create({ name: 'Bomb', from: { path: at('bomb.zip') } })).rejects.toMatchObject({ code: 'zip-refused' })
  expect([await ownFolders(), await readdir(at('home', 'drops'))]).toEqual([[], []])
})

test('names in a zip that leave their folder are refused; a good one is unpacked', async () => {
  for (const name of ['../out.png', '/abs.png', 'C:\\x.png', 'a/../../b.png']) {
    await writeFile(at('slip.zip'), zip([{ name, data: Buffer.from(png) }]))
    await expect(api.datasets.create({ name: 'Slip', from: { path: at('slip.zip') } })).rejects.toBeInstanceOf(PigmentError)
  }
  await writeFile(at('broken.zip'), 'PK nonsense')
  await expect(api.datasets.create({ name: 'Broken', from: { path: at('broken.zip') } })).rejects.toMatchObject({ code: 'zip-refused' })
  await writeFile(
    at('good.zip'),
    zip([
      { name: 'set/10_moss/a.png', data: Buffer.from(png) },
      { name: 'set/10_moss/a.txt', data: Buffer.from('moss') },
    ]),
  )
  const set = await api.datasets.create({ name: 'Good', from: { path: at('good.zip') } })
  expect([set.pictures, set.captioned, set.folders[1]?.repeats]).toEqual([1, 1, 10])
})

test('a folder without permission', async (context) => {
  if (process.getuid?.() === 0) context.skip('root may read every folder')
  const folder = await folderWith('locked', { 'a.png': png })
  await chmod(folder, 0o000)
  await expect(api.datasets.create({ name: 'Locked', from: { path: folder } })).rejects.toMatchObject({ code: 'not-readable' })
  await chmod(folder, 0o700)
})

test('no picture, a file, nothing at all', async () => {
  const folder = await folderWith('texts', { 'a.txt': 'x', 'b.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' })
  await expect(api.datasets.create({ name: 'Texts', from: { path: folder } })).rejects.toMatchObject({ code: 'dataset-empty' })
  await expect(api.datasets.create({ name: 'None', from: { path: at('nowhere') } })).rejects.toMatchObject({ code: 'file-not-found' })
  await expect(api.datasets.create({ name: 'File', from: { path: join(folder, 'a.txt') }, mode: 'reference' })).rejects.toMatchObject({
    code: 'dataset-missing',
  })
})

test('17000 × 17000 pixels, an SVG in disguise, a torn file: each is shown with its reason, the others stay usable', async () => {
  const torn = png.slice(0, 20)
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="secret.png"/></svg>'
  const folder = await folderWith('odd', {
    'good.png': png,
    'large.png': emptyPng(17_000),
    'svg.png': svg,
    'torn.png': torn,
    'empty.png': '',
  })
  const set = await api.datasets.create({ name: 'Odd', from: { path: folder } })
  const { items } = await api.datasets.items({ dataset: set.id })
  expect(items.map(({ path, problem }) => [path, problem?.code])).toEqual([
    ['empty.png', 'picture-empty'],
    ['good.png', undefined],
    ['large.png', 'picture-too-large'],
    ['svg.png', 'picture-format'],
    ['torn.png', 'picture-corrupt'],
  ])
  for (const { media, problem } of items) expect((await studio.host.media(media, 128)).status).toBe(problem ? 422 : 200)
})

test('names in Chinese, with emoji, of 255 bytes, of devices, with line breaks', async () => {
  const long = `${'长'.repeat(80)}.png`
  const names = ['苔藓.png', '🌿👩‍👩‍👧.png', long, 'con.png', 'a\nb.png', 'Same.png', 'same.png', ' .png', "it's $(x).png"]
  const folder = await folderWith('names', Object.fromEntries(names.map((name) => [name, png])))
  const set = await api.datasets.create({ name: '数据/..\\集 🎨', from: { path: folder } })
  expect([set.pictures, set.flags.unreadable]).toEqual([names.length, 0])
  const { items } = await api.datasets.items({ dataset: set.id })
  for (const { id, version } of items) await api.datasets.setCaption({ dataset: set.id, item: id, caption: '标签, tag', version })
  expect((await api.datasets.get({ dataset: set.id })).captioned).toBe(names.length)
})

test('the disk fills while captions are saved: none is changed, none is lost', async () => {
  const folder = await folderWith('full', { 'a.png': png, 'a.txt': 'one', 'b.png': png, 'b.txt': 'two' })
  const set = await api.datasets.create({ name: 'Full', from: { path: folder }, mode: 'reference' })
  disk.room = 1
  const edit = { kind: 'add' as const, tags: ['new'] }
  await expect(api.datasets.applyEdit({ dataset: set.id, selection: { filter: {} }, edit })).rejects.toMatchObject({ code: 'disk-full' })
  disk.room = Infinity
  expect([await readFile(join(folder, 'a.txt'), 'utf8'), await readFile(join(folder, 'b.txt'), 'utf8')]).toEqual(['one', 'two'])
  expect((await api.datasets.get({ dataset: set.id })).undo).toBe(null)
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a folder that is unplugged comes back with everything', async () => {
  const folder = await folderWith('stick', { 'a.png': png, 'a.txt': 'one' })
  const set = await api.datasets.create({ name: 'Stick', from: { path: folder }, mode: 'reference' })
  await rename(folder, at('gone'))
  await expect.poll(async () => (await api.datasets.get({ dataset: set.id })).error?.code).toBe('dataset-missing')
  const { items } = await api.datasets.items({ dataset: set.id })
  await expect(
    api.datasets.setCaption({ dataset: set.id, item: items[0]?.id ?? '', caption: 'x', version: items[0]?.version ?? '' }),
  ).rejects.toBeInstanceOf(PigmentError)
  await expect(api.training.start({ name: 'x', dataset: set.id })).rejects.toMatchObject({ code: 'dataset-missing' })
  await rename(at('gone'), folder)
  await expect.poll(async () => (await api.datasets.get({ dataset: set.id })).error).toBe(undefined)
  expect((await api.datasets.items({ dataset: set.id })).items[0]?.caption).toBe('one')
})

test('an expression that never ends is ended', async () => {
  const folder = await folderWith('slow', { 'a.png': png, 'a.txt': `${'a'.repeat(40)}!` })
  const set = await api.datasets.create({ name: 'Slow', from: { path: folder } })
  const edit = { kind: 'replace', find: '(a+)+$', with: '', regex: true } as const
  await expect(api.datasets.previewEdit({ dataset: set.id, selection: { filter: {} }, edit })).rejects.toMatchObject({
    code: 'regex-too-slow',
  })
  expect((await api.datasets.get({ dataset: set.id })).pictures).toBe(1)
})
