import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionsOpen } from '../../runtime/session.ts'
import { FileSession } from '../../runtime/file-session.ts'
import { findCaptioner } from '../find-captioner.ts'
import { captioned } from '../testing.ts'
import { tagCsv, taggerModel, tagRows, writePictures, writeTagger } from '../testing-models.ts'

interface Recorded {
  readonly probabilities: readonly number[]
  readonly general: readonly string[]
  readonly character: readonly string[]
  readonly mcut: { readonly general: readonly string[]; readonly character: readonly string[] }
  readonly escaped: string
}

let [root, pictures, recorded]: [string, readonly string[], readonly Recorded[]] = ['', [], []]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-tagger-'))
  pictures = await writePictures(join(root, 'pictures'))
  await writeTagger(join(root, 'tagger'))
  recorded = (JSON.parse(await readFile(new URL('../fixtures/captioners.json', import.meta.url), 'utf8')) as { tagger: Recorded[] }).tagger
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function opened(folder = join(root, 'tagger')) {
  const { captioner, files } = await findCaptioner(folder)
  return captioner.open(files, { threads: 1 })
}

test("tags are those of the app of WD14's author, by threshold and by MCut; characters stand first", async () => {
  await using one = await opened()
  for (const [i, path] of pictures.entries()) {
    const { general, character, mcut, escaped } = recorded[i] as Recorded
    const say = (options: Record<string, unknown>): Promise<string> => one.say(captioned(path), options)
    expect(await say({})).toBe([...character, ...general].join(', '))
    expect(await say({ mcut: true })).toBe([...mcut.character, ...mcut.general].join(', '))
    expect(await say({ escape: true, characterThreshold: 1 })).toBe(escaped)
  }
})

test('each probability is that of onnxruntime in Python: a threshold a hair below takes a tag, and a hair above leaves it', async () => {
  await using one = await opened()
  for (const [i, path] of pictures.entries())
    for (const [tag, p] of (recorded[i] as Recorded).probabilities.entries()) {
      const [name, category] = tagRows[tag] as (typeof tagRows)[number]
      if (category === 9) continue
      const takes = async (threshold: number): Promise<boolean> =>
        (await one.say(captioned(path), { threshold, characterThreshold: threshold, underscores: true })).includes(name)
      if (p > 1e-5 && p < 1 - 1e-5) expect([i, name, await takes(p - 1e-5), await takes(p + 1e-5)]).toEqual([i, name, true, false])
    }
})

test('excluded tags, underscores and the rating; a picture that was seen is not decoded again', async () => {
  await using one = await opened()
  const [path = ''] = pictures
  const all = { threshold: 0, characterThreshold: 0 }
  const tags = async (options: Record<string, unknown>): Promise<string[]> => (await one.say(captioned(path), options)).split(', ')
  const every = await tags(all)
  expect(every).toContain('long hair')
  expect(every).toContain('o_o')
  expect(await tags({ ...all, excludeTags: ' Long_Hair,hatsune miku' })).toEqual(
    every.filter((tag) => tag !== 'long hair' && tag !== 'hatsune miku'),
  )
  expect(await tags({ ...all, underscores: true })).toContain('long_hair')
  expect((await tags({ ...all, rating: true })).at(-1)).toBe('general')
  const unread = captioned(path, { picture: () => Promise.reject(new Error('It is decoded again.')) })
  expect(await one.say(unread, all)).toBe(every.join(', '))
  await expect(one.say(captioned(path), { threshold: 2 })).rejects.toThrow()
})

test('a folder that lacks a file, a list of another length, what is no list and what is no ONNX: each is told, and nothing stays open', async () => {
  const before = sessionsOpen()
  const broken = async (name: string, change: (folder: string) => Promise<unknown>): Promise<unknown> => {
    const folder = await writeTagger(join(root, name))
    await change(folder)
    return opened(folder).catch((error: unknown) => error)
  }
  const write = (file: string, text: string | Uint8Array) => (folder: string) => writeFile(join(folder, file), text)
  expect(await broken('no-list', (folder) => rm(join(folder, 'selected_tags.csv')))).toMatchObject({
    code: 'captioner-incomplete',
    message: expect.stringContaining('lacks selected_tags.csv') as string,
  })
  expect(await broken('short', write('selected_tags.csv', tagCsv(tagRows.slice(1))))).toMatchObject({
    code: 'tag-list-length',
    facts: { tags: 11, outputs: 12 },
  })
  expect(await broken('words', write('selected_tags.csv', 'hello\nthere\n'))).toMatchObject({ code: 'tag-list-unreadable' })
  expect(await broken('hole', write('selected_tags.csv', 'tag_id,name,category\n1,cat\n'))).toMatchObject({ code: 'tag-list-unreadable' })
  expect(await broken('no-onnx', write('model.onnx', 'not a model'))).toMatchObject({
    code: 'onnx-unreadable',
    message: expect.not.stringContaining('..'),
  })
  expect(await broken('cut', write('model.onnx', taggerModel().slice(0, 900)))).toMatchObject({ code: 'onnx-unreadable' })
  expect(
    await broken('folder', async (folder) => (await rm(join(folder, 'model.onnx')), rm(join(folder, 'selected_tags.csv')))),
  ).toMatchObject({
    code: 'captioner-unknown',
  })
  await expect(findCaptioner(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'captioner-unknown' })
  expect(sessionsOpen()).toBe(before)
  await using session = await FileSession.open(join(root, 'tagger', 'model.onnx'))
  await expect(session.run({}, 'output')).rejects.toMatchObject({ code: 'runtime' })
})
