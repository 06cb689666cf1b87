// Folders that would hold a process for ever: pipes in the place of files, and a disk that does not answer any more.
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { scanDataset } from '../../engine/datasets/dataset.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { useHost } from '../studio/testing.ts'

/** A folder whose disk has gone: questions about it wait until it comes back. */
const disk = vi.hoisted(() => ({ dead: '', open: 0, asked: 0, back: [] as (() => void)[] }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const waits = <Call extends (path: string, ...rest: never[]) => unknown>(call: Call): Call =>
    (async (path: string, ...rest: never[]) => {
      if (disk.dead && path.startsWith(disk.dead)) {
        disk.asked++
        disk.open++
        await new Promise<void>((done) => disk.back.push(done))
        disk.open--
      }
      return call(path, ...rest)
    }) as unknown as Call
  return { ...real, stat: waits(real.stat as never), opendir: waits(real.opendir as never), readdir: waits(real.readdir as never) }
})

const studio = useHost('hanging', 'for each')
const { api, at } = studio
const png = await encodePng({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(9) })

test('pipes in the place of captions and pictures hold nothing up, also after a restart', async (context) => {
  if (process.platform === 'win32') context.skip('Windows has no named pipes in folders')
  const folder = at('pipes')
  await mkdir(folder)
  for (let i = 0; i < 12; i++) {
    await writeFile(join(folder, `${i}.png`), png)
    execFileSync('mkfifo', [join(folder, `${i}.txt`)])
  }
  await writeFile(join(folder, 'good.png'), png)
  await writeFile(join(folder, 'good.txt'), 'good')
  execFileSync('mkfifo', [join(folder, 'pipe.png')])
  for (const name of ['pipe.zip', 'pipe.safetensors']) execFileSync('mkfifo', [at(name)])

  const set = await api.datasets.create({ name: 'Pipes', from: { path: folder }, mode: 'reference' })
  expect([set.pictures, set.captioned]).toEqual([13, 1])
  expect(set.leftOut.files.filter(({ code }) => code === 'not-a-file')).toHaveLength(13)
  await studio.host.close()
  await studio.open()
  const [again] = await api.datasets.list()
  expect([again?.name, again?.captioned]).toEqual(['Pipes', 1])
  const { pictures } = await scanDataset(folder, { missingCaption: 'empty' })
  expect(pictures.map(({ caption }) => caption).filter(Boolean)).toEqual(['good'])

  const copy = await api.datasets.create({ name: 'Copy', from: { path: folder } })
  expect([copy.pictures, copy.captioned, (await readdir(copy.path)).length]).toEqual([13, 1, 14])
  for (const name of ['pipe.zip', 'pipe.safetensors']) {
    await expect(api.datasets.create({ name, from: { path: at(name) } })).rejects.toMatchObject({
      code: name.endsWith('zip') ? 'not-a-file' : 'dataset-empty',
    })
    await expect(api.library.import({ from: { path: at(name) } })).rejects.toThrow()
  }
})

test('a disk that does not answer gets a card, blocks no other call, and is asked one thing at a time until it is back', async () => {
  for (const name of ['near', 'far']) {
    await mkdir(at(name))
    await writeFile(at(name, 'a.png'), png)
    await api.datasets.create({ name, from: { path: at(name) }, mode: 'reference' })
  }
  await studio.host.close()
  disk.dead = at('far')
  await studio.open()
  const lists = await Promise.all(Array.from({ length: 10 }, () => api.datasets.list()))
  for (const list of lists) {
    const [near, far] = ['near', 'far'].map((name) => list.find((set) => set.name === name))
    expect([near?.pictures, near?.error, far?.error?.code]).toEqual([1, undefined, 'folder-not-answering'])
  }
  const far = lists[0]?.find(({ name }) => name === 'far')
  expect([disk.asked, disk.open]).toEqual([1, 1])
  for (let i = 0; i < 5; i++) await api.datasets.get({ dataset: far?.id ?? '' })
  await expect(api.datasets.create({ name: 'far', from: { path: at('far') } })).rejects.toMatchObject({
    code: 'folder-not-answering',
  })
  expect(disk.open).toBeLessThanOrEqual(2)
  disk.dead = ''
  for (const back of disk.back) back()
  await expect.poll(async () => (await api.datasets.get({ dataset: far?.id ?? '' })).error).toBe(undefined)
  expect((await api.datasets.get({ dataset: far?.id ?? '' })).pictures).toBe(1)
})
