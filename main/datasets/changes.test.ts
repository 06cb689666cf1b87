// Changes to pictures and folders: the files are what training reads, and undo brings back what was there.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { planBatches } from '../../engine/datasets/batches.ts'
import { scanDataset } from '../../engine/datasets/dataset.ts'
import { measurePicture } from '../../engine/images/thumbnail.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { useHost } from '../studio/testing.ts'

const { api, at } = useHost('changes')
let folder: string
let dataset: string

/** Three pictures of cats and two of dogs, each its own, and one whose folder says nothing of repeats. */
beforeEach(async (context) => {
  folder = at(context.task.id)
  const paths = ['10_cat/a', '10_cat/b', '10_cat/c', '5_dog/a', '5_dog/b', 'bird/a']
  for (const [i, path] of paths.entries()) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    const data = Uint8Array.from({ length: 96 * 64 * 3 }, (_, k) => (k * (i + 3)) % 251)
    await writeFile(join(folder, `${path}.png`), await encodePng({ width: 96, height: 64, data }))
    await writeFile(join(folder, `${path}.txt`), path)
  }
  dataset = (await api.datasets.create({ name: 'Animals', from: { path: folder }, mode: 'reference' })).id
})

const itemAt = async (path: string) => {
  const { items } = await api.datasets.items({ dataset })
  const found = items.find((item) => item.path === path)
  if (!found) throw new Error(`no ${path} among ${items.map((item) => item.path).join()}`)
  return found
}
const sizeOf = async (path: string): Promise<readonly number[]> => {
  const { width, height } = await measurePicture(join(folder, path))
  return [width, height]
}

test('a crop is written in the place of the picture, keeps its caption, and is taken back and made again', async () => {
  const whole = await readFile(join(folder, '5_dog/a.png'))
  const { id, media } = await itemAt('5_dog/a.png')
  const cut = await api.datasets.crop({ dataset, item: id, box: { left: 10, top: 0, width: 48, height: 64 } })
  expect([cut.id, cut.width, cut.height, cut.caption, cut.media === media]).toEqual([id, 48, 64, '5_dog/a', false])
  expect(await sizeOf('5_dog/a.png')).toEqual([48, 64])
  await api.datasets.undo({ dataset })
  expect(await readFile(join(folder, '5_dog/a.png'))).toEqual(whole)
  await api.datasets.redo({ dataset })
  expect(await sizeOf('5_dog/a.png')).toEqual([48, 64])
  await api.datasets.undo({ dataset })
  expect(await readFile(join(folder, '5_dog/a.png'))).toEqual(whole)
  expect((await readdir(join(folder, '5_dog'))).sort()).toEqual(['a.png', 'a.txt', 'b.png', 'b.txt'])
})

test('a picture that was changed elsewhere since is not taken back', async () => {
  const { id } = await itemAt('5_dog/a.png')
  await expect(api.datasets.crop({ dataset, item: id, box: { left: 90, top: 0, width: 48, height: 64 } })).rejects.toMatchObject({
    code: 'crop-outside',
  })
  expect((await api.datasets.get({ dataset })).undo).toBe(null)
  await api.datasets.crop({ dataset, item: id, box: { left: 0, top: 0, width: 48, height: 64 } })
  await writeFile(join(folder, '5_dog/a.png'), await readFile(join(folder, '5_dog/b.png')))
  await expect(api.datasets.undo({ dataset })).rejects.toMatchObject({ code: 'undo-conflict' })
})

test('repeats are the names of folders: training reads them, and an epoch is their sum', async () => {
  const epochOf = async () => {
    const { pictures } = await scanDataset(folder)
    const bucket = { width: 64, height: 64 }
    const plan = planBatches(
      pictures.map(({ repeats }) => ({ bucket, repeats })),
      { seed: 1, batchSize: 1 },
    )
    const shown = Map.groupBy(
      plan.epoch(0).flatMap((batch) => batch.pictures.map((index) => pictures[index]?.folder)),
      (name) => name,
    )
    return [plan.batchesPerEpoch, Object.fromEntries(Array.from(shown, ([name, those]) => [name, those.length]))]
  }
  expect(await epochOf()).toEqual([40, { '10_cat': 30, '5_dog': 10 }])
  const before = await api.training.forecast({ name: 'x', dataset, steps: 400, batch: 1, accumulation: 1 })
  expect(before.epochs).toBe(10)
  const { fingerprint } = await scanDataset(folder)
  const { folders } = await api.datasets.setRepeats({ dataset, folder: '10_cat', repeats: 2 })
  expect(folders.map(({ path, repeats, pictures }) => [path, repeats, pictures])).toEqual([
    ['', 1, 0],
    ['2_cat', 2, 3],
    ['5_dog', 5, 2],
    ['bird', 0, 1],
  ])
  expect(await epochOf()).toEqual([16, { '2_cat': 6, '5_dog': 10 }])
  // A run of other repeats is another run: its checkpoints are not continued.
  expect((await scanDataset(folder)).fingerprint).not.toBe(fingerprint)
  await api.datasets.undo({ dataset })
  expect((await scanDataset(folder)).fingerprint).toBe(fingerprint)
  expect(await epochOf()).toEqual([40, { '10_cat': 30, '5_dog': 10 }])
})

test('a folder that was left out comes in with its repeats; what is known of its neighbours stays known', async () => {
  await api.datasets.analyse({ dataset })
  await api.datasets.setRepeats({ dataset, folder: '5_dog', repeats: 7 })
  expect((await api.datasets.get({ dataset })).analysed).toBe(true)
  const { pictures, analysed } = await api.datasets.setRepeats({ dataset, folder: 'bird', repeats: 3 })
  expect([pictures, analysed, (await itemAt('3_bird/a.png')).caption]).toEqual([6, false, 'bird/a'])
  await expect(api.datasets.setRepeats({ dataset, folder: '', repeats: 3 })).rejects.toMatchObject({ code: 'folder-unknown' })
  const { items } = await api.datasets.items({ dataset, filter: { folder: '3_bird' } })
  expect(items).toHaveLength(1)
})

test('what is written of a caption in one go is taken back in one go, and other changes one by one', async () => {
  const text = async (path: string): Promise<string> => (await readFile(join(folder, `${path}.txt`), 'utf8')).trim()
  const write = async (path: string, caption: string, continues = false): Promise<void> => {
    const { id, version } = await itemAt(`${path}.png`)
    await api.datasets.setCaption({ dataset, item: id, caption, version, continues })
  }
  await write('5_dog/a', 'a')
  await write('5_dog/a', 'a d', true)
  await write('5_dog/a', 'a dog', true)
  await write('5_dog/b', 'b')
  // Something else came between.
  await write('5_dog/a', 'a dog, running', true)
  const back = async (): Promise<readonly string[]> => {
    await api.datasets.undo({ dataset })
    return Promise.all(['5_dog/a', '5_dog/b'].map(text))
  }
  expect([await back(), await back(), await back()]).toEqual([
    ['a dog', 'b'],
    ['a dog', '5_dog/b'],
    ['5_dog/a', '5_dog/b'],
  ])
  await api.datasets.redo({ dataset })
  expect(await text('5_dog/a')).toBe('a dog')
})
