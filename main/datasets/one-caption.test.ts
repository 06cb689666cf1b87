// What saving one caption costs: the same few questions to the disk, however many pictures the set has.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import type { TopicPayload } from '../api/topics.ts'
import { useHost } from '../studio/testing.ts'

/** Questions about files of the set, and looks at whole folders. */
const disk = vi.hoisted(() => ({ root: '', files: 0, folders: 0 }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const counted = <Call extends (path: string, ...rest: never[]) => unknown>(call: Call, what: 'files' | 'folders'): Call =>
    ((path: string, ...rest: never[]) => {
      if (disk.root && String(path).startsWith(disk.root)) disk[what]++
      return call(path, ...rest)
    }) as unknown as Call
  return {
    ...real,
    stat: counted(real.stat as never, 'files'),
    open: counted(real.open as never, 'files'),
    readFile: counted(real.readFile as never, 'files'),
    opendir: counted(real.opendir as never, 'folders'),
    readdir: counted(real.readdir as never, 'folders'),
  }
})

const studio = useHost('one')
const { api, at } = studio
let news: TopicPayload<'datasets'>[]
const png = await encodePng({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(9) })

beforeAll(() => {
  studio.host.listen(({ topic, payload }) => void (topic === 'datasets' && news.push(payload as TopicPayload<'datasets'>)))
})
beforeEach(() => void (news = []))

/** Long enough for the watcher to have seen what was written. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 700))

async function setOf(pictures: number): Promise<{ id: string; folder: string }> {
  const folder = at(`of-${pictures}`)
  await mkdir(folder)
  for (let i = 0; i < pictures; i++) {
    await writeFile(join(folder, `${i}.png`), png)
    await writeFile(join(folder, `${i}.txt`), `picture ${i}`)
  }
  const { id } = await api.datasets.create({ name: `Of ${pictures}`, from: { path: folder }, mode: 'reference' })
  await settled()
  return { id, folder }
}

async function costOf(folder: string, work: () => Promise<unknown>): Promise<{ files: number; folders: number }> {
  Object.assign(disk, { root: folder, files: 0, folders: 0 })
  await work()
  await settled()
  disk.root = ''
  return { files: disk.files, folders: disk.folders }
}

test('one caption costs the same in a set of five and of two hundred: no folder is read, and the watcher leaves it', async () => {
  const costs = []
  for (const pictures of [5, 200]) {
    const { id, folder } = await setOf(pictures)
    const { items } = await api.datasets.items({ dataset: id, limit: 1 })
    news = []
    const save = () => api.datasets.setCaption({ dataset: id, item: items[0]?.id ?? '', caption: 'new', version: items[0]?.version ?? '' })
    costs.push(await costOf(folder, save))
    expect(await readFile(join(folder, '0.txt'), 'utf8')).toBe('new\n')
    expect(news.map(({ items: changed }) => changed)).toEqual([[items[0]?.id]])
    expect([news[0]?.dataset.captioned, news[0]?.dataset.pictures]).toEqual([pictures, pictures])
  }
  expect(costs[1]).toEqual(costs[0])
  expect(costs[1]?.folders).toBe(0)
  expect(costs[1]?.files).toBeLessThanOrEqual(20)
})

test('many captions cost what each of them costs; ten at once are answered; sums stay right', async () => {
  const { id, folder } = await setOf(60)
  const { items } = await api.datasets.items({ dataset: id, limit: 60 })
  const cost = await costOf(folder, () =>
    Promise.all(items.slice(0, 10).map(({ id: item, version }) => api.datasets.setCaption({ dataset: id, item, caption: '', version }))),
  )
  expect(cost.folders).toBe(0)
  const { captioned, flags } = await api.datasets.get({ dataset: id })
  expect([captioned, flags['no-caption']]).toEqual([50, 10])
  for (let i = 0; i < 3; i++) await api.datasets.undo({ dataset: id })
  const after = await api.datasets.get({ dataset: id })
  expect([after.captioned, after.flags['no-caption']]).toEqual([53, 7])
  const all = (await api.datasets.items({ dataset: id, filter: { flags: ['no-caption'] } })).total
  expect(all).toBe(7)
})

test('who was not answered yet goes on from what was sent; what others wrote meanwhile still stands', async () => {
  const { id, folder } = await setOf(1)
  const [{ id: item, version } = { id: '', version: '' }] = (await api.datasets.items({ dataset: id, limit: 1 })).items
  const save = (caption: string, sent?: string) => api.datasets.setCaption({ dataset: id, item, caption, version, sent })
  await save('a hill,\n')
  await expect(save('a hill, a tree')).rejects.toMatchObject({ code: 'caption-conflict' })
  await save('a hill, a tree', 'a hill,\n')
  expect(await readFile(join(folder, '0.txt'), 'utf8')).toBe('a hill, a tree\n')
  await writeFile(join(folder, '0.txt'), 'from outside')
  await expect(save('mine', 'a hill, a tree')).rejects.toMatchObject({ code: 'caption-conflict', facts: { theirs: 'from outside' } })
})

test('what another program writes is still seen: a caption without reading the folder, a picture with it', async () => {
  const { id, folder } = await setOf(20)
  const cost = await costOf(folder, () => writeFile(join(folder, '3.txt'), 'from outside'))
  await expect.poll(async () => (await api.datasets.items({ dataset: id, filter: { text: 'from outside' } })).total).toBe(1)
  expect(cost.folders).toBe(0)
  await writeFile(join(folder, 'new.png'), png)
  await expect.poll(async () => (await api.datasets.get({ dataset: id })).pictures).toBe(21)
  await rm(join(folder, '4.txt'))
  await expect.poll(async () => (await api.datasets.get({ dataset: id })).captioned).toBe(19)
})
