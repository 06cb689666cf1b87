import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodePng } from '../images/write-png.ts'
import { scanDataset } from './dataset.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'))
})
afterEach(() => rm(folder, { recursive: true }))

const png = (grey: number): Promise<Uint8Array> => encodePng({ width: 12, height: 8, data: new Uint8Array(288).fill(grey) })

async function fill(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

test('plain and kohya folders, any script, any case, in one order', async () => {
  await fill({
    'b.PNG': await png(1),
    'b.txt': '\ufeffa cat\r\nsecond line',
    '猫😀.jpeg': await png(2),
    '猫😀.caption': '一只猫',
    '10_moss garden/a.png': await png(3),
    '10_moss garden/a.TXT': 'moss',
    '10_moss garden/a.caption': 'older',
    '2_ｘ/z.webp': await png(4),
    '2_ｘ/z.txt': 'zed',
    '.hidden/a.png': '',
    'notes.md': '',
  })
  const { pictures, problems, fingerprint } = await scanDataset(folder)
  expect(problems).toEqual([])
  expect(pictures.map(({ path, caption, repeats, width, height }) => [path, caption, repeats, width, height])).toEqual([
    ['10_moss garden/a.png', 'moss', 10, 12, 8],
    ['2_ｘ/z.webp', 'zed', 2, 12, 8],
    ['b.PNG', 'a cat second line', 1, 12, 8],
    ['猫😀.jpeg', '一只猫', 1, 12, 8],
  ])
  expect((await scanDataset(folder)).fingerprint).toBe(fingerprint)
  await fill({ 'b.txt': 'a dog' })
  expect((await scanDataset(folder)).fingerprint).not.toBe(fingerprint)
})

test('bad files become problems and the good ones stay', async () => {
  const bomb = Buffer.from(await png(1))
  bomb.writeUInt32BE(17000, 16)
  bomb.writeUInt32BE(17000, 20)
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
  const files: Record<string, string | Uint8Array> = {
    'bomb.png': bomb,
    'cut.png': (await png(2)).subarray(0, 70),
    'empty.png': '',
    'page.png': '<html>',
    'lonely.png': await png(3),
    'blank.png': await png(4),
    'utf16.png': await png(5),
    'latin.png': await png(6),
    'long.png': await png(7),
    'good.png': await png(8),
    'x_wrong/a.png': await png(9),
    '0_zero/a.png': await png(9),
  }
  for (const path of Object.keys(files)) if (!path.includes('/') && path !== 'lonely.png') files[path.replace('png', 'txt')] = 'words'
  Object.assign(files, { 'blank.txt': ' \n', 'utf16.txt': Buffer.from('\ufeffhi', 'utf16le'), 'long.txt': 'a'.repeat(70_000) })
  files['latin.txt'] = Buffer.from('café', 'latin1')
  await fill(files)
  const { pictures, problems } = await scanDataset(folder)
  expect(pictures.map(({ path }) => path)).toEqual(['good.png'])
  expect(problems.map(({ path, record }) => [path, record.code])).toEqual([
    ['0_zero', 'folder-ignored'],
    ['blank.png', 'caption-missing'],
    ['bomb.png', 'picture-too-large'],
    ['cut.png', 'picture-corrupt'],
    ['empty.png', 'picture-empty'],
    ['latin.png', 'caption-encoding'],
    ['lonely.png', 'caption-missing'],
    ['long.png', 'caption-too-long'],
    ['page.png', 'picture-format'],
    ['utf16.png', 'caption-encoding'],
    ['x_wrong', 'folder-ignored'],
  ])
})

test('pictures without captions follow the policy, and the trigger comes first once', async () => {
  await fill({ '3_red fox/a.png': await png(1), '3_red fox/b.png': await png(2), '3_red fox/b.txt': 'Sks fox, b' })
  const captions = async (options: Parameters<typeof scanDataset>[1]): Promise<string[]> =>
    (await scanDataset(folder, options)).pictures.map(({ caption }) => caption)
  expect(await captions({ missingCaption: 'folder-name' })).toEqual(['red fox', 'Sks fox, b'])
  expect(await captions({ missingCaption: 'empty' })).toEqual(['', 'Sks fox, b'])
  expect(await captions({ missingCaption: 'folder-name', trigger: 'sks' })).toEqual(['sks, red fox', 'Sks fox, b'])
  expect(await captions({ missingCaption: 'empty', trigger: 'sks' })).toEqual(['sks', 'Sks fox, b'])
})

test('a trigger counts as there where it is a word of the caption, wherever that stands', async () => {
  await fill({ 'a.png': await png(1), 'a.txt': 'a photo of sks dog', 'b.png': await png(2), 'b.txt': 'skstone', 'c.png': await png(3) })
  await fill({ 'c.txt': 'a [trigger] dog' })
  const { pictures } = await scanDataset(folder, { trigger: 'sks' })
  expect(pictures.map(({ caption }) => caption)).toEqual(['a photo of sks dog', 'sks, skstone', 'a sks dog'])
})

test('a folder that is missing, empty or unusable is an error', async () => {
  await expect(scanDataset(join(folder, 'gone'))).rejects.toMatchObject({ code: 'dataset-missing' })
  await expect(scanDataset(folder)).rejects.toMatchObject({ code: 'dataset-empty' })
  await fill({ 'a.png': '' })
  await expect(scanDataset(join(folder, 'a.png'))).rejects.toThrow(/is not a folder\. Choose the folder/)
  await expect(scanDataset(folder)).rejects.toMatchObject({ code: 'dataset-unusable' })
})

test('200 flipped bits give pictures or problems of ours', async () => {
  const good = Buffer.from(await png(100))
  const files: Record<string, Uint8Array> = { 'good.png': good }
  for (let i = 0; i < 200; i++) {
    const bad = Buffer.from(good)
    const bit = (i * 7919) % (good.length * 8)
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    files[`${i}.png`] = bad
  }
  await fill(files)
  const { pictures, problems } = await scanDataset(folder, { missingCaption: 'empty' })
  expect(pictures.length + problems.length).toBe(201)
  for (const { record } of problems) expect(record.code).toMatch(/^picture-/)
})

test('a caption of gigabytes is refused before it is read', async () => {
  await fill({ 'a.png': await png(1), 'a.txt': '', 'b.png': await png(2), 'b.txt': 'b' })
  await truncate(join(folder, 'a.txt'), 1.5 * 2 ** 30)
  const { problems } = await scanDataset(folder)
  expect(problems.map(({ path, record }) => [path, record.code])).toEqual([['a.png', 'caption-too-long']])
})

test('a scan can be stopped', async () => {
  await fill({ 'a.png': await png(1) })
  await expect(scanDataset(folder, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})
