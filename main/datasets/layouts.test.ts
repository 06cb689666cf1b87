// Data sets as other programs lay them out. Whatever the layout: what the studio shows is what training reads, also after it was copied, packed
// and edited; and what is not used is named.
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { scanDataset } from '../../engine/datasets/dataset.ts'
import { encodeBitmap } from '../../engine/images/formats/bitmap.ts'
import sharp from '../../engine/images/loaders.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { useHost } from '../studio/testing.ts'
import { writeFiles, zip, type Files } from './testing.ts'

interface Layout {
  readonly files: Files
  /** What is a link, and to where from the folder beside the set. */
  readonly links?: Readonly<Record<string, string>>
  readonly captions: Readonly<Record<string, string>>
  readonly leftOut?: readonly (readonly [path: string, code: string])[]
}

const pixels = Uint8Array.from({ length: 24 * 16 * 3 }, (_, i) => (i * 37) % 251)
const raw = sharp(pixels, { raw: { width: 24, height: 16, channels: 3 } })
const png = await encodePng({ width: 24, height: 16, data: pixels })
const jpeg = await raw.clone().jpeg().toBuffer()
const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')

const layouts: Readonly<Record<string, Layout>> = {
  'endings in capitals': { files: { 'IMG_1.PNG': png, 'IMG_1.TXT': 'in capitals' }, captions: { 'IMG_1.PNG': 'in capitals' } },
  'the whole name before .txt': { files: { 'a.png': png, 'a.png.txt': 'whole' }, captions: { 'a.png': 'whole' } },
  'a caption for two pictures': {
    files: { 'x.jpg': jpeg, 'x.png': png, 'x.txt': 'of both' },
    captions: { 'x.jpg': 'of both', 'x.png': 'of both' },
  },
  'captions of several lines': {
    files: { 'a.png': png, 'a.txt': 'first paragraph\r\n\r\nsecond paragraph\n' },
    captions: { 'a.png': 'first paragraph second paragraph' },
  },
  'rows of Hugging Face': {
    files: {
      'a.png': png,
      '10_style/b.png': png,
      'metadata.jsonl': '{"file_name":"a.png","text":"row a"}\n{"file_name": "10_style/b.png", "text": "row\\nb"}\n',
    },
    captions: { 'a.png': 'row a', '10_style/b.png': 'row b' },
  },
  'the table of sd-scripts': {
    files: {
      '10_style/a.png': png,
      '10_style/b.png': png,
      'meta_cap.json': JSON.stringify({ a: { caption: 'of the list' }, '/content/train/10_style/b.png': { caption: 'one', tags: 'x, y' } }),
    },
    captions: { '10_style/a.png': 'of the list', '10_style/b.png': 'one, x, y' },
  },
  'a file goes before a list': {
    files: {
      'a.png': png,
      'a.txt': 'file',
      'b.png': png,
      'metadata.jsonl': '{"file_name":"a.png","text":"row"}\n{"file_name":"b.png","text":"row"}',
    },
    captions: { 'a.png': 'file', 'b.png': 'row' },
  },
  'links to pictures and to a folder': {
    files: {},
    links: { 'a.png': 'blobs/one', 'a.txt': 'blobs/text', '10_style': 'elsewhere' },
    captions: { 'a.png': 'linked', '10_style/b.png': 'inside' },
  },
  'every format that is read': {
    files: {
      'a.bmp': encodeBitmap({ width: 24, height: 16, data: pixels }),
      'b.jfif': jpeg,
      'c.jpe': jpeg,
      'd.tif': await raw.clone().tiff().toBuffer(),
      'e.gif': await raw.clone().gif().toBuffer(),
      'f.heic': jpeg,
      'captions.txt.bak': 'no caption',
      ...Object.fromEntries('abcdef'.split('').map((name) => [`${name}.txt`, name])),
    },
    captions: { 'a.bmp': 'a', 'b.jfif': 'b', 'c.jpe': 'c', 'd.tif': 'd', 'e.gif': 'e', 'f.heic': 'f' },
  },
  'one that is read beside others': {
    files: {
      'a.png': png,
      'a.txt': 'a',
      'b.heic': heic,
      'c.psd': '8BPS',
      'd.svg': '<svg/>',
      'e.mp4': '',
      'metadata.csv': 'file_name,text',
      'f.txt': 'alone',
    },
    captions: { 'a.png': 'a' },
    leftOut: [
      ['b.heic', 'picture'],
      ['c.psd', 'left-out-picture'],
      ['d.svg', 'left-out-picture'],
      ['e.mp4', 'left-out-picture'],
      ['f.txt', 'left-out-caption'],
      ['metadata.csv', 'left-out-list'],
    ],
  },
  'lists that say too little': {
    files: {
      '1_a/a.png': png,
      '1_a/a.txt': 'a',
      '2_b/a.png': png,
      '2_b/a.txt': 'b',
      'meta_cap.json': '{"a":{"caption":"whose?"}}',
      'metadata.jsonl': 'no json\n{"file_name":"1_a/a.png","text":"row"}',
      'meta_lat.json': '[',
    },
    captions: { '1_a/a.png': 'a', '2_b/a.png': 'b' },
    leftOut: [
      ['meta_cap.json', 'left-out-list'],
      ['meta_lat.json', 'left-out-list'],
      ['metadata.jsonl', 'left-out-list'],
    ],
  },
}

const studio = useHost('layouts')
const { api, at } = studio
beforeAll(async () => {
  await writeFiles(at('beside'), { 'blobs/one': png, 'blobs/text': 'linked', 'elsewhere/b.png': png, 'elsewhere/b.txt': 'inside' })
})

/** What training reads of the pictures that it can use. */
async function trained(folder: string): Promise<Record<string, string>> {
  const { pictures } = await scanDataset(folder, { missingCaption: 'empty' })
  return Object.fromEntries(pictures.map(({ path, caption }) => [path, caption]))
}
async function shown(dataset: string): Promise<Record<string, string>> {
  const { items } = await api.datasets.items({ dataset })
  return Object.fromEntries(items.filter(({ problem }) => !problem).map(({ path, caption }) => [path, caption]))
}

describe.each(Object.entries(layouts))('%s', (name, { files, links = {}, captions, leftOut = [] }) => {
  const folder = (): string => at(name)
  const named = leftOut.filter(([, code]) => code.startsWith('left-out'))
  beforeAll(async () => {
    await writeFiles(folder(), files)
    for (const [path, to] of Object.entries(links)) await symlink(at('beside', to), join(folder(), path))
  })

  test('where it is: the same for training and on the screen, before and after every caption was edited', async () => {
    const set = await api.datasets.create({ name, from: { path: folder() }, mode: 'reference' })
    expect([await trained(folder()), await shown(set.id)]).toEqual([captions, captions])
    expect(set.leftOut.files.map(({ path, code }) => [path, code])).toEqual(named)
    const { problems } = await scanDataset(folder(), { missingCaption: 'empty' })
    expect(problems.map(({ path }) => path).sort()).toEqual(leftOut.map(([path]) => path))
    // Training goes on without them: they are no damaged pictures.
    for (const { record } of problems) expect(record.code).toMatch(/^left-out-/)
    for (const { id, path, version, problem } of (await api.datasets.items({ dataset: set.id })).items)
      if (!problem) await api.datasets.setCaption({ dataset: set.id, item: id, caption: `edited ${path}`, version })
    const edited = Object.fromEntries(Object.keys(captions).map((path) => [path, `edited ${path}`]))
    expect([await trained(folder()), await shown(set.id)]).toEqual([edited, edited])
    await api.datasets.applyEdit({ dataset: set.id, selection: { filter: {} }, edit: { kind: 'add', tags: ['more'] } })
    expect(Object.values(await trained(folder())).every((caption) => caption.endsWith(', more'))).toBe(true)
    for (let i = 0; i <= Object.keys(captions).length; i++) await api.datasets.undo({ dataset: set.id })
    expect([await trained(folder()), await shown(set.id)]).toEqual([captions, captions])
  })

  test.each(['copied', 'packed'])('%s: nothing is lost, and what is left out is named', async (how) => {
    const packed = at(`${name}.zip`)
    const inside = Object.entries(files).map(([path, data]) => ({ name: path, data: Buffer.from(data) }))
    if (how === 'packed') await writeFile(packed, zip(inside))
    if (how === 'packed' && inside.length === 0) return
    const set = await api.datasets.create({ name, from: { path: how === 'packed' ? packed : folder() } })
    const { pictures, leftOut: rest } = 'brought' in set ? set.brought : { pictures: 0, leftOut: { files: [] } }
    expect(pictures).toBe(Object.keys(captions).length)
    expect(Object.values(await trained(set.path)).sort()).toEqual(Object.values(captions).sort())
    expect([...new Set(rest.files.map(({ path }) => path))].sort()).toEqual(leftOut.map(([path]) => path))
  })
})

test('files given one by one: what is no picture is named', async () => {
  const folder = at('single')
  await writeFiles(folder, { 'a.png': png, 'a.txt': 'a', 'notes.docx': 'x', 'b.heic': heic })
  const drop = await studio.host.drops.open()
  studio.host.drops.refer(
    drop,
    ['a.png', 'a.txt', 'notes.docx', 'b.heic'].map((name) => join(folder, name)),
  )
  const set = await api.datasets.create({ name: 'Single', from: { drop } })
  expect(await trained(set.path)).toEqual({ 'a.png': 'a' })
  expect('brought' in set && set.brought.leftOut.files.map(({ path, code }) => [path, code])).toEqual([
    ['b.heic', 'picture-format'],
    ['notes.docx', 'left-out-picture'],
  ])
  await expect(api.datasets.create({ name: 'None', from: { path: join(folder, 'b.heic') } })).rejects.toMatchObject({
    code: 'dataset-empty',
    message: expect.stringContaining('HEIC') as string,
  })
})

test('pictures that come to a set of their names keep to their own captions', async () => {
  await writeFiles(at('first'), { 'x.jpg': jpeg, 'x.txt': 'one' })
  await writeFiles(at('second'), { 'x.png': png, 'x.txt': 'two' })
  const set = await api.datasets.create({ name: 'Names', from: { path: at('first') } })
  await api.datasets.addPictures({ dataset: set.id, from: { path: at('second') } })
  expect(await trained(set.path)).toEqual({ 'x.jpg': 'one', 'x 2.png': 'two' })
})
