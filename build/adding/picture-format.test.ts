// A format of pictures is one file: put beside the others, its files are found, paired, told apart, opened and cropped, go through drops, dialogs and
// the media, and sentences name it. Nothing else may know formats by name.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as Scan from '../../engine/datasets/dataset.ts'
import type * as Crop from '../../engine/images/crop.ts'
import type * as Formats from '../../engine/images/picture-formats.ts'
import type * as Reading from '../../engine/images/picture.ts'
import type * as Thumbnail from '../../engine/images/thumbnail.ts'
import type * as Files from '../../engine/requests/picture-files.ts'
import { programWith } from './testing-program.ts'

/** Its width and height as digits, then one byte a pixel. */
const program = await programWith({
  'engine/images/formats/chalk.ts': `import type { PictureFormat } from './format.ts'
const size = (bytes: Uint8Array) => ({ width: Number(bytes[5]) - 48, height: Number(bytes[6]) - 48 })
export const chalk: PictureFormat = {
  name: 'chalk',
  title: 'Chalk',
  place: 8,
  endings: ['chalk', 'chk'],
  recognise: ({ text }) => text(0, 5) === 'CHALK',
  decoder: {
    size,
    decode: (bytes) => ({ ...size(bytes), channels: 3, data: bytes.slice(7).reduce((all, grey, i) => (all.fill(grey, 3 * i, 3 * i + 3), all), new Uint8Array(3 * (bytes.length - 7))) }),
  },
  shown: false,
  recalled: true,
  texts: () => [{ keyword: 'parameters', text: 'in chalk' }],
  async encode(picture) {
    const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return Buffer.from([...Buffer.from('CHALK' + info.width + info.height), ...data.filter((_, i) => i % 3 === 0)])
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())

const bytes = Buffer.from([...Buffer.from('CHALK42'), 10, 20, 30, 40, 50, 60, 70, 80])
const folder = join(program.root, 'work/drawn')
beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'a.CHK'), bytes)
  await writeFile(join(folder, 'a.txt'), 'a board')
})

test('it is read, measured, cropped and says how it was made', async () => {
  const { decodePicture, checkPicture } = await program.load<typeof Reading>('engine/images/picture.ts')
  const { measurePicture } = await program.load<typeof Thumbnail>('engine/images/thumbnail.ts')
  const { cropPicture } = await program.load<typeof Crop>('engine/images/crop.ts')
  expect(await checkPicture(bytes, 'a.png')).toEqual({ format: 'chalk', width: 4, height: 2 })
  expect(await measurePicture(join(folder, 'a.CHK'))).toEqual({ format: 'chalk', width: 4, height: 2 })
  expect([...(await decodePicture(bytes, 'a')).data.filter((_, i) => i % 3 === 0)]).toEqual([10, 20, 30, 40, 50, 60, 70, 80])
  const cut = await cropPicture(bytes, 'a', { left: 1, top: 0, width: 2, height: 2 })
  expect(Buffer.from(cut)).toEqual(Buffer.from([...Buffer.from('CHALK22'), 20, 30, 60, 70]))
})

test('a folder of it is a data set with captions', async () => {
  const { scanDataset } = await program.load<typeof Scan>('engine/datasets/dataset.ts')
  const { pictures, problems } = await scanDataset(folder)
  expect([pictures.map(({ path, caption }) => [path, caption]), problems]).toEqual([[['a.CHK', 'a board']], []])
  const { code, text } = await program.pigment('inspect', folder)
  expect([code, text]).toEqual([0, expect.stringContaining('a board')])
})

test('its name is in sentences, and its endings where files are chosen and dropped', async () => {
  const { readableFormats, isPictureName, pictureStem } = await program.load<typeof Formats>('engine/images/picture-formats.ts')
  expect([readableFormats, isPictureName('b.chalk'), pictureStem('b.chk')]).toEqual([
    'PNG, JPEG, WebP, AVIF, GIF, TIFF, BMP or Chalk',
    true,
    'b',
  ])
  const files = await program.load<typeof Files>('engine/requests/picture-files.ts')
  expect([files.pictureTitles, files.pictureEndings, files.recalledEndings]).toEqual([
    expect.arrayContaining(['Chalk']),
    expect.arrayContaining(['chalk', 'chk', 'heic']),
    expect.arrayContaining(['chalk', 'png']),
  ])
  const words = await readFile(join(program.root, 'renderer/words/zh-errors.ts'), 'utf8')
  expect(words).not.toMatch(/WebP、|、AVIF/)
})

test('inspect tells what it is, and what it says', async () => {
  const { code, text } = await program.pigment('inspect', join(folder, 'a.CHK'))
  expect([code, text]).toEqual([0, expect.stringMatching(/format chalk width 4 height 2 .* prompt in chalk/)])
})
