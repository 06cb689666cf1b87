// Files are the truth: what is put into the folders of the library, taken from them, renamed and replaced while the studio runs is followed.
import { execFileSync } from 'node:child_process'
import { appendFile, copyFile, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spoiltBytes } from '../../engine/adapter-formats/testing-fuzz.ts'
import { putAdapter, testingShelf, type Shelf } from './testing-shelf.ts'

let shelf: Shelf
beforeAll(async () => void (shelf = await testingShelf()))
afterAll(() => shelf.close())

const soon = { timeout: 20_000, interval: 50 }
const library = () => shelf.library()
const inLibrary = (...parts: string[]): string => shelf.at('library', ...parts)
const names = (): string[] =>
  library()
    .list()
    .map(({ name }) => name)
    .toSorted()
const cardOf = (name: string) =>
  library()
    .list()
    .find((one) => one.name === name)
const idOf = (name: string): string => cardOf(name)?.id ?? ''

test('put in, renamed, moved to a folder, replaced, taken away and put back: the words stay with what the file holds', async () => {
  await putAdapter(inLibrary('moss.safetensors'), 1)
  await expect.poll(names, soon).toEqual(['moss'])
  const { id, family, ranks, layers, error } = cardOf('moss') ?? {}
  expect([family, ranks, layers === 0, error]).toEqual(['sd1', [4], false, undefined])
  await library().update(id ?? '', { notes: 'Soft.', rating: 4, favourite: true, tags: ['green'] })

  await rename(inLibrary('moss.safetensors'), inLibrary('fern.safetensors'))
  await expect.poll(names, soon).toEqual(['fern'])
  await mkdir(inLibrary('plants', 'small'), { recursive: true })
  await rename(inLibrary('fern.safetensors'), inLibrary('plants', 'small', 'fern.safetensors'))
  await expect.poll(() => cardOf('fern')?.folder, soon).toBe('plants/small')
  expect(cardOf('fern')).toMatchObject({ id, notes: 'Soft.', rating: 4, favourite: true, tags: ['green'] })

  await putAdapter(inLibrary('plants', 'small', 'fern.safetensors'), 2)
  const before = cardOf('fern')?.content
  await expect.poll(() => cardOf('fern')?.content, soon).not.toBe(before)
  expect(cardOf('fern')).toMatchObject({ id, notes: 'Soft.' })

  await rename(inLibrary('plants', 'small', 'fern.safetensors'), shelf.at('elsewhere.safetensors'))
  await expect.poll(names, soon).toEqual([])
  expect(() => library().entry(id ?? '')).toThrow('not in the library')
  // It is told once it is written down.
  await expect.poll(() => shelf.news.flatMap(({ removed }) => removed.map((one) => one.id)), soon).toContain(id)
  await rename(shelf.at('elsewhere.safetensors'), inLibrary('back.safetensors'))
  await expect.poll(names, soon).toEqual(['back'])
  expect(cardOf('back')).toMatchObject({ id, notes: 'Soft.', rating: 4 })
})

test('nothing is read twice, also not after a restart', async () => {
  await library().looked()
  shelf.calls.length = 0
  await shelf.open()
  expect([names(), shelf.calls]).toEqual([['back'], []])
  expect(cardOf('back')).toMatchObject({ notes: 'Soft.', tags: ['green'] })
})

test('half a file is waited for until it is still; one that stays half is told with its reason, and mends itself', async () => {
  await putAdapter(shelf.at('whole.safetensors'), 3)
  const bytes = await readFile(shelf.at('whole.safetensors'))
  const path = inLibrary('slow.safetensors')
  await writeFile(path, bytes.subarray(0, 1000))
  for (let at = 1000; at < bytes.length; at += Math.ceil(bytes.length / 12)) {
    await new Promise((done) => setTimeout(done, 150))
    expect(cardOf('slow')).toBeUndefined()
    await appendFile(path, bytes.subarray(at, at + Math.ceil(bytes.length / 12)))
  }
  await expect.poll(() => cardOf('slow')?.ranks, soon).toEqual([4])
  expect(shelf.news.flatMap(({ changed }) => changed).filter(({ name, error }) => name === 'slow' && error)).toEqual([])

  await truncate(path, 5000)
  await expect.poll(() => cardOf('slow')?.error?.code, soon).toBe('safetensors-truncated')
  await writeFile(path, bytes)
  await expect.poll(() => cardOf('slow')?.error, soon).toBe(undefined)
  await rm(path)
  await expect.poll(names, soon).toEqual(['back'])
})

test('pickles, models, pages and pipes are cards with their reason; links are followed, and a circle of them has an end', async (context) => {
  await writeFile(inLibrary('old.pt'), Buffer.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]))
  await writeFile(inLibrary('page.safetensors'), '<!DOCTYPE html><html>')
  await symlink(inLibrary('back.safetensors'), inLibrary('linked.safetensors'))
  await symlink(inLibrary(), inLibrary('plants', 'round'))
  await symlink(inLibrary('nowhere'), inLibrary('dead.safetensors'))
  if (process.platform !== 'win32') execFileSync('mkfifo', [inLibrary('pipe.safetensors')])
  else context.skip('Windows has no named pipes in folders')
  await expect.poll(names, soon).toEqual(['back', 'linked', 'old', 'page'])
  expect([cardOf('old')?.error?.code, cardOf('page')?.error?.code]).toEqual(['pickle-refused', 'safetensors-page'])
  // Both hold the same: known for sure when all of it was read.
  await expect.poll(() => cardOf('linked')?.content === cardOf('back')?.content && shelf.calls.includes('hashAdapter'), soon).toBe(true)
  for (const name of ['old.pt', 'page.safetensors', 'linked.safetensors', 'dead.safetensors', 'pipe.safetensors']) await rm(inLibrary(name))
  await rm(inLibrary('plants', 'round'))
  await expect.poll(names, soon).toEqual(['back'])
})

test('a folder of another program is used where it is; while its disk is away its adapters are, and come back with their words, unread', async () => {
  const other = shelf.at('webui', 'Lora')
  await putAdapter(shelf.at('webui', 'Lora', 'ink', 'pen.safetensors'), 4)
  await putAdapter(shelf.at('webui', 'Lora', 'back.safetensors'), 5)
  await library().addFolder(other)
  expect(names()).toEqual(['Lora/back', 'back', 'pen'])
  expect(cardOf('pen')).toMatchObject({ folder: 'Lora/ink', watched: true })
  expect(library().byName('Lora/back')?.root).toBe(other)
  await library().update(idOf('pen'), { notes: 'Thin.' })
  await expect(library().remove([idOf('pen')])).rejects.toMatchObject({ code: 'adapter-watched' })
  for (const path of [other, shelf.at('webui'), shelf.at('webui', 'Lora', 'ink'), inLibrary()])
    await expect(library().addFolder(path)).rejects.toMatchObject({ code: 'library-folder-known' })
  await expect(library().addFolder(inLibrary('back.safetensors'))).rejects.toMatchObject({ code: 'library-folder-expected' })

  await rename(shelf.at('webui'), shelf.at('away'))
  await library().look()
  expect([names(), library().folders()[0]?.error?.code]).toEqual([['back'], 'file-not-found'])
  shelf.calls.length = 0
  await rename(shelf.at('away'), shelf.at('webui'))
  await library().look()
  expect([names(), shelf.calls]).toEqual([['Lora/back', 'back', 'pen'], []])
  expect(cardOf('pen')?.notes).toBe('Thin.')
  // What comes into it is seen.
  await putAdapter(shelf.at('webui', 'Lora', 'ink', 'brush.safetensors'), 6)
  await expect.poll(names, soon).toContain('brush')

  const [folder] = library().folders()
  await library().removeFolder(folder?.id ?? '')
  expect([names(), library().folders()]).toEqual([['back'], []])
  await library().addFolder(other)
  expect(cardOf('pen')?.notes).toBe('Thin.')
  await library().removeFolder(folder?.id ?? '')
})

test('what other programs wrote beside a file is shown, whatever markup it has; broken files of them harm nothing', async () => {
  await putAdapter(shelf.at('given', 'night.safetensors'), 7)
  const info = {
    name: 'v2.0',
    trainedWords: ['yeshi, neon', ' lantern '],
    baseModel: 'SD 1.5',
    description: '<p>New.</p>',
    model: {
      name: 'Night market',
      description: '<p>Use <b>0.7</b> &amp; up<script>alert(1)</script></p><ul><li>one</li></ul>',
      allowCommercialUse: '{Image,Rent}',
      allowNoCredit: true,
      tags: ['city'],
    },
    creator: { username: 'mei' },
  }
  await writeFile(shelf.at('given', 'night.civitai.info'), JSON.stringify(info))
  await writeFile(
    shelf.at('given', 'night.json'),
    '{"activation text": "stalls", "preferred weight": 0.7, "negative text": "day", "notes": NaN}',
  )
  await copyFile(new URL('../../build/resources/icon.png', import.meta.url), shelf.at('given', 'night.preview.png'))
  const { id } = await library().import(shelf.at('given', 'night.safetensors'))
  const details = await library().details(id)
  expect(details).toMatchObject({ title: 'Night market', triggers: ['yeshi, neon', 'lantern', 'stalls'], weight: 0.7, besideProblems: [] })
  expect(details.cover).toBeDefined()
  expect(details.beside).toEqual({
    ...{
      model: 'Night market',
      version: 'v2.0',
      creator: 'mei',
      base: 'SD 1.5',
      words: ['yeshi, neon', 'lantern', 'stalls'],
      tags: ['city'],
    },
    ...{ description: 'Use 0.7 & up\n• one\n\nNew.', weight: 0.7, negative: 'day' },
    licence: { noCredit: true, commercial: ['Image', 'Rent'] },
  })
  await writeFile(inLibrary('night.civitai.info'), '{"model": ')
  await expect.poll(async () => (await library().details(id)).besideProblems[0]?.code, soon).toBe('adapter-beside-broken')
  expect(await library().details(id)).toMatchObject({ title: 'night', triggers: ['stalls'], besideBroken: 1 })
  // A person's word goes before theirs, and back.
  await library().update(id, { title: 'Market', triggers: [] })
  expect([cardOf('night')?.title, cardOf('night')?.triggers]).toEqual(['Market', []])
  await library().update(id, { title: '' }, ['triggers'])
  expect([cardOf('night')?.title, cardOf('night')?.triggers]).toEqual(['night', ['stalls']])

  const { undo } = await library().remove([id])
  expect((await readdir(inLibrary())).filter((name) => name.startsWith('night'))).toEqual([])
  await library().restore(undo)
  expect((await readdir(inLibrary())).filter((name) => name.startsWith('night'))).toHaveLength(4)
  await library().remove([id])
})

test('the same tensors are known under another name and other metadata, before they come in', async () => {
  await putAdapter(shelf.at('given', 'again.safetensors'), 2, { ss_output_name: 'Another' })
  expect((await library().twinsOf(shelf.at('given', 'again.safetensors'))).map(({ name }) => name)).toEqual(['back'])
  await putAdapter(shelf.at('given', 'other.safetensors'), 8)
  expect(await library().twinsOf(shelf.at('given', 'other.safetensors'))).toEqual([])
})

test('a line that a killed process left half, and one that somebody changed, cost nothing but themselves', async () => {
  await library().close()
  const path = inLibrary('library.jsonl')
  const whole = await readFile(path, 'utf8')
  await writeFile(path, `${whole}{"id":"a","sum":"00000000","value":{}}\n{"id":"b","su`)
  await shelf.open()
  expect(cardOf('back')).toMatchObject({ notes: 'Soft.', rating: 4, tags: ['green'] })
  await rm(path)
  await shelf.open()
  // Of a list that is lost the files are still there.
  expect([names(), cardOf('back')?.notes]).toEqual([['back'], ''])
})

test('ten thousand other files, and half an adapter that a killed process left, are passed over', async () => {
  await mkdir(inLibrary('junk'))
  for (let i = 0; i < 10_000; i++) await writeFile(inLibrary('junk', `${i}.bin`), '')
  await mkdir(inLibrary('.pigment-0123456789ab.tmp'))
  await copyFile(inLibrary('back.safetensors'), inLibrary('.pigment-0123456789ab.tmp', 'adapter_model.safetensors'))
  await putAdapter(inLibrary('junk', 'real.safetensors'), 9)
  await library().look()
  expect(names()).toEqual(['back', 'real'])
  await rm(inLibrary('junk'), { recursive: true })
  await expect.poll(names, soon).toEqual(['back'])
})

test(
  'three hundred spoilt files are cards whole, or cards with their reason; the others stay as they are',
  { timeout: 120_000 },
  async () => {
    const before = cardOf('back')
    for (let i = 0; i < 300; i++) await writeFile(shelf.at(`spoilt-${i}.safetensors`), spoiltBytes(i))
    await mkdir(inLibrary('spoilt'))
    for (let i = 0; i < 300; i++) await rename(shelf.at(`spoilt-${i}.safetensors`), inLibrary('spoilt', `spoilt-${i}.safetensors`))
    await expect.poll(() => names().length, { ...soon, timeout: 60_000 }).toBe(301)
    const cards = library()
      .list()
      .filter(({ name }) => name.startsWith('spoilt-'))
    const sound = cards.filter(({ error }) => error === undefined)
    const isWhole = ({ format, content, bytes, layers, ranks }: (typeof cards)[number]): boolean =>
      /^[0-9a-f]{32}$/.test(content ?? '') &&
      format !== '' &&
      bytes > 0 &&
      layers >= 0 &&
      ranks.every((rank) => Number.isSafeInteger(rank) && rank >= 0)
    expect(sound.filter((card) => !isWhole(card))).toEqual([])
    expect(sound.length).toBeGreaterThan(20)
    const refused = cards.flatMap(({ error }) => error ?? [])
    expect(refused.filter(({ code, message }) => code === 'internal' || !message.includes('spoilt-'))).toEqual([])
    expect(refused.length).toBeGreaterThan(100)
    expect(cardOf('back')).toEqual(before)
    await rm(inLibrary('spoilt'), { recursive: true })
    await expect.poll(names, soon).toEqual(['back'])
  },
)
