// Captions by names, templates and a tagger, as the studio and the terminal ask for them: with the real workers, queue and files.
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { taggerModel, testingPictures, writeTagger } from '../../../engine/captioning/testing-models.ts'
import { encodePng } from '../../../engine/images/write-png.ts'
import type { CaptionForm } from '../../api/methods/captioning.ts'
import { writeFiles } from '../../datasets/testing.ts'
import { useHost } from '../../studio/testing.ts'

const studio = useHost('captioning')
const { api, at } = studio
let [folder, dataset, tagger] = ['', '', '']
let made = 0
beforeEach(async () => {
  const pictures = await Promise.all(testingPictures().map((picture) => encodePng(picture)))
  folder = await writeFiles(at(`set ${++made}`), {
    'red_fox.png': pictures[0] ?? '',
    'IMG_0002.png': pictures[1] ?? '',
    'kept.png': pictures[2] ?? '',
    'kept.txt': 'by hand\n',
    '10_old moss/stone.png': pictures[3] ?? '',
    'torn.png': (pictures[4] ?? new Uint8Array()).slice(0, 40),
  })
  tagger = await writeTagger(at('tagger'))
  dataset = (await api.datasets.create({ name: `Set ${made}`, from: { path: folder }, mode: 'reference' })).id
})

const captions = async (): Promise<Record<string, string>> => {
  const { items } = await api.datasets.items({ dataset })
  return Object.fromEntries(items.map(({ path, caption }) => [path, caption]))
}
async function run(form: Omit<CaptionForm, 'dataset'>) {
  const { id } = await api.captioning.start({ dataset, ...form })
  return ended(id)
}
async function ended(id: string) {
  for (;;) {
    const job = await api.jobs.get({ job: id })
    if (!['queued', 'running', 'pausing', 'cancelling'].includes(job.state)) return job
    await new Promise((done) => setTimeout(done, 10))
  }
}

test('by file names: what has a caption is left alone, what says nothing gets none, and one undo takes all of it back', async () => {
  const job = await run({ with: 'filename' })
  expect([job.state, job.kind, job.counts, job.step, job.steps]).toEqual(['done', 'caption', 'pictures', 4, 4])
  expect(await captions()).toEqual({
    '10_old moss/stone.png': 'stone',
    'IMG_0002.png': '',
    'kept.png': 'by hand',
    'red_fox.png': 'red fox',
    'torn.png': 'torn',
  })
  expect(job.log.find(({ code }) => code === 'captions-written')?.facts).toEqual({ written: 3, silent: 1, failed: 0, moved: 0 })
  const again = await run({
    with: 'filename',
    selection: { items: (await api.datasets.items({ dataset })).items.filter(({ caption }) => caption).map(({ id }) => id) },
  })
  expect(again.log.find(({ code }) => code === 'captions-all-there')).toMatchObject({
    facts: { captioned: 4 },
    text: expect.stringContaining('--overwrite'),
  })
  await api.datasets.undo({ dataset })
  expect((await readdir(folder)).filter((name) => name.endsWith('.txt'))).toEqual(['kept.txt'])
})

test('a template over everything, of a selection; captions that are there are written over or added to', async () => {
  await api.datasets.update({ dataset, trigger: 'mossy' })
  const { items } = await api.datasets.items({ dataset })
  const only = items.filter(({ path }) => /kept|stone/.test(path)).map(({ id }) => id)
  await run({ with: 'template', template: '{trigger}, {folder}, {tags}', selection: { items: only }, overwrite: true })
  expect(await captions()).toMatchObject({ 'kept.png': 'mossy, set, by hand', '10_old moss/stone.png': 'mossy, old moss', 'torn.png': '' })
  await run({ with: 'folder', add: 'start', selection: { items: only } })
  // A tag that is there already is not said twice.
  expect(await captions()).toMatchObject({ 'kept.png': 'mossy, set, by hand', '10_old moss/stone.png': 'mossy, old moss' })
  await run({ with: 'filename', add: 'end', selection: { items: only } })
  expect(await captions()).toMatchObject({ 'kept.png': 'mossy, set, by hand, kept', '10_old moss/stone.png': 'mossy, old moss, stone' })
})

test('by a tagger: a torn picture is told and spoils nothing; other thresholds, other tags', async () => {
  const preview = await api.captioning.preview({ dataset, with: tagger, options: { threshold: 0.5 }, template: 'x, {tags}' })
  expect([preview.asked, preview.kept, preview.changes.length]).toEqual([4, 1, 3])
  const stone = preview.changes.find(({ path }) => path.endsWith('stone.png'))
  expect(stone?.after).toMatch(/^x, /)
  expect((await captions())['10_old moss/stone.png']).toBe('')
  const job = await run({ with: tagger, options: { threshold: 0.5 }, template: 'x, {tags}' })
  expect((await captions())['10_old moss/stone.png']).toBe(stone?.after)
  expect((await captions())['torn.png']).toBe('')
  expect(job.log.map(({ code }) => code)).toContain('picture-corrupt')
  expect(job.log.find(({ code }) => code === 'captions-written')?.facts).toMatchObject({ written: 3, failed: 1 })
  const more = await api.captioning.preview({ dataset, with: tagger, options: { threshold: 0.1 }, overwrite: true, template: 'x, {tags}' })
  const fuller = more.changes.find(({ path }) => path.endsWith('stone.png'))
  expect(fuller?.after.split(', ').length).toBeGreaterThan(stone?.after.split(', ').length ?? 0)
})

test('what a person writes while the job waits stays, and a job that was paused goes on with what was said', async () => {
  await api.jobs.hold({ held: true })
  const { id } = await api.captioning.start({ dataset, with: 'filename' })
  // As an earlier run of it left them: one that was said, another whose picture is another one now, and a torn line.
  const item = async (path: string) => (await api.datasets.items({ dataset })).items.find((one) => one.path === path)
  const [fox, torn] = [await item('red_fox.png'), await item('torn.png')]
  const { bytes } = fox ?? { bytes: 0 }
  const { mtimeMs } = await stat(join(folder, 'red_fox.png'))
  await mkdir(at('home', 'runs', id), { recursive: true })
  await writeFile(
    at('home', 'runs', id, 'said.jsonl'),
    [
      JSON.stringify([`${fox?.id} ${bytes}-${Math.round(mtimeMs)} none`, { words: 'said before' }]),
      JSON.stringify([`${torn?.id} 0-0 none`, { words: 'of another picture' }]),
      '["torn',
    ].join('\n'),
  )
  await writeFile(join(folder, '10_old moss/stone.txt'), 'mine')
  await api.jobs.hold({ held: false })
  expect((await ended(id)).state).toBe('done')
  expect(await captions()).toMatchObject({ 'red_fox.png': 'said before', 'torn.png': 'torn' })
  expect(await readFile(join(folder, '10_old moss/stone.txt'), 'utf8')).toBe('mine')
  await expect(readFile(at('home', 'runs', id, 'said.jsonl'))).rejects.toThrow()
})

test('a caption that cannot be read is neither written over nor added to; a job that is given up writes nothing', async () => {
  await writeFile(join(folder, 'red_fox.txt'), Buffer.from('fuchs', 'utf16le'))
  for (const form of [{ overwrite: true }, { add: 'end' as const }]) {
    const job = await run({ with: 'filename', ...form })
    expect([job.state, job.log.some(({ code }) => code === 'caption-encoding')]).toEqual(['done', true])
  }
  expect(await readFile(join(folder, 'red_fox.txt'), 'utf16le')).toBe('fuchs')
  await api.datasets.undo({ dataset })
  await api.datasets.undo({ dataset })
  await api.jobs.hold({ held: true })
  const { id } = await api.captioning.start({ dataset, with: 'filename' })
  await api.jobs.pause({ job: id })
  expect((await api.jobs.get({ job: id })).state).toBe('paused')
  await api.jobs.cancel({ job: id })
  await api.jobs.hold({ held: false })
  expect((await captions())['torn.png']).toBe('')
})

test('what does not go together is refused before anything is queued, and names what to do', async () => {
  const start = (form: Omit<CaptionForm, 'dataset'>) => api.captioning.start({ dataset, ...form }).catch((error: unknown) => error)
  await rm(join(await writeTagger(at('half')), 'selected_tags.csv'))
  await writeFile(join(await writeTagger(at('cut')), 'model.onnx'), taggerModel().slice(0, 500))
  expect(await start({ with: 'filename', overwrite: true, add: 'end' })).toMatchObject({ code: 'captions-both' })
  expect(await start({ with: 'template' })).toMatchObject({ code: 'template-missing' })
  expect(await start({ with: 'filename', template: '{tag}' })).toMatchObject({ code: 'template-unknown' })
  expect(await start({ with: 'filename', options: { threshold: 0.2 } })).toMatchObject({ code: 'caption-options-unknown' })
  expect(await start({ with: tagger, options: { threshold: 2 } })).toMatchObject({ code: 'input-invalid' })
  expect(await start({ with: at('half') })).toMatchObject({ code: 'captioner-incomplete' })
  expect(await start({ with: at('nowhere') })).toMatchObject({ code: 'captioner-unknown' })
  expect(await api.captioning.preview({ dataset, with: at('cut') }).catch((error: unknown) => error)).toMatchObject({
    code: 'onnx-unreadable',
  })
  const failed = await run({ with: at('cut') })
  expect([failed.state, failed.error?.code]).toEqual(['failed', 'onnx-unreadable'])
  expect(await captions()).toMatchObject({ 'red_fox.png': '' })
})

test('folders of captioners are remembered, found in the data folder, and forgotten; what is wrong with one is told beside it', async () => {
  await writeTagger(at('home', 'captioners', 'mine'))
  await mkdir(at('home', 'captioners', 'empty'))
  await expect(api.captioning.add({ path: at('nowhere') })).rejects.toMatchObject({ code: 'captioner-unknown' })
  const ways = await api.captioning.add({ path: tagger })
  expect(ways.map(({ with: way, kind, problem }) => [way, kind, problem?.code])).toEqual([
    ['filename', 'filename', undefined],
    ['folder', 'folder', undefined],
    ['template', 'template', undefined],
    [at('home', 'captioners', 'empty'), '', 'captioner-unknown'],
    [at('home', 'captioners', 'mine'), 'tagger', undefined],
    [tagger, 'tagger', undefined],
  ])
  expect(ways.at(-1)?.options.map(({ key }) => key)).toContain('threshold')
  expect((await api.captioning.remove({ path: tagger })).map(({ with: way }) => way)).not.toContain(tagger)
})

test('the command: a folder comes into the list once, by its name it is found again; a dry run writes nothing', async () => {
  const other = await writeFiles(at('others'), {
    'a_cat.png': await encodePng(testingPictures()[0] ?? { width: 1, height: 1, data: new Uint8Array(3) }),
  })
  const dry = await api.caption({ set: other, with: 'filename', dryRun: 3 })
  expect(dry).toMatchObject({ asked: 1, kept: 0, changes: [{ path: 'a_cat.png', before: '', after: 'a cat' }] })
  expect(await readdir(other)).toEqual(['a_cat.png'])
  const job = await api.caption({ set: 'others', with: 'filename', template: '{trigger}, {tags}', trigger: 'inky' })
  if ('id' in job) await ended(job.id)
  expect(await readFile(join(other, 'a_cat.txt'), 'utf8')).toBe('inky, a cat\n')
  expect((await api.datasets.list()).filter(({ path }) => path === other)).toHaveLength(1)
})
