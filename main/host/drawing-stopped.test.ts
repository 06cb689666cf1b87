// Pictures that are stopped or skipped keep what they had, and a drawing without end lets others go first.
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import type { TopicPayload } from '../api/topics.ts'
import { writeTinyModel } from '../operations/testing.ts'
import { useHost } from '../studio/testing.ts'

const studio = useHost('drawing-stopped')
const { api, at } = studio
let model: string
/** At each step of a job that draws. */
let atStep: (job: string, step: number) => void = () => undefined

beforeAll(async () => {
  studio.host.listen(({ topic, payload }) => {
    if (topic !== 'job') return
    const { id, event } = payload as TopicPayload<'job'>
    if (event.type === 'step') atStep(id, event.step)
  })
  await api.settings.set({ device: 'cpu', threads: 1, livePreview: false })
  await writeTinyModel(at('model'), 'sd1')
  model = (await api.models.add({ path: at('model') })).id
}, 300_000)

const patient = { timeout: 150_000, interval: 20 }
const until = (job: string, wanted: string) => expect.poll(async () => (await api.jobs.get({ job })).state, patient).toBe(wanted)
const form = (steps: number) => ({ prompt: 'apple', model, width: 32, height: 32, steps, cfg: 1, seed: 7 })
const kept = async (job: string) => (await api.gallery.list({ text: '', starred: false, limit: 50 })).items.filter((one) => one.job === job)
const said = async (id: string) => {
  const bytes = await readFile(at('home', 'gallery', `${id}.png`))
  return readPngText(bytes, id).find(({ keyword }) => keyword === 'parameters')?.text ?? ''
}

test('a picture that is cancelled keeps what it had, and says after which step; recalled it is drawn whole', async () => {
  atStep = (job, step) => void (step === 3 && api.jobs.cancel({ job }))
  const { id } = await api.generate.enqueue({ form: form(900), count: 2 })
  await until(id, 'cancelled')
  await expect.poll(async () => (await kept(id)).length, patient).toBe(1)
  const [picture] = await kept(id)
  expect(picture?.interrupted).toBeGreaterThanOrEqual(3)
  expect(await said(picture?.id ?? '')).toContain(`Interrupted: step ${picture?.interrupted} of 900`)
  expect((await api.generate.recall({ picture: picture?.id ?? '' })).form).toMatchObject({ steps: 900, seed: 7 })
}, 300_000)

test('one that is skipped is kept likewise, and the next one is drawn', async () => {
  let skipped = false
  atStep = (job, step) => {
    if (step < 2 || skipped) return
    skipped = true
    void api.generate.skip({ job })
  }
  const { id } = await api.generate.enqueue({ form: form(400), count: 2 })
  await until(id, 'done')
  const pictures = (await kept(id)).toReversed()
  expect(pictures.map(({ interrupted, form: { seed } }) => [interrupted === undefined, seed])).toEqual([
    [false, 7],
    [true, 8],
  ])
}, 300_000)

test('a drawing without end stands in the list, draws seed after seed, and lets others go first', async () => {
  atStep = () => undefined
  const endless = await api.generate.enqueue({ form: form(2), forever: true })
  await expect.poll(async () => (await kept(endless.id)).length, patient).toBeGreaterThan(1)
  const other = await api.generate.enqueue({ form: form(1), count: 1 })
  await until(other.id, 'done')
  expect(['queued', 'running']).toContain((await api.jobs.get({ job: endless.id })).state)
  const then = (await kept(endless.id)).length
  await expect.poll(async () => (await kept(endless.id)).length, patient).toBeGreaterThan(then)
  await api.jobs.cancel({ job: endless.id })
  await until(endless.id, 'cancelled')
  const seeds = (await kept(endless.id)).filter(({ interrupted }) => interrupted === undefined).map(({ form: { seed } }) => seed)
  expect(seeds.toReversed()).toEqual(Array.from(seeds, (_, i) => 7 + i))
}, 300_000)

test('each cell of a grid is a picture of its own, and the sheet knows where it stands', async () => {
  const { id, steps } = await api.generate.grid({ form: form(4), x: 'Steps=3, 1', z: { kind: 'seed', values: [1, 2] } })
  await until(id, 'done')
  expect(steps).toBe(8)
  const [sheet, ...cells] = await kept(id)
  expect([sheet?.kind, sheet?.z?.values]).toEqual(['grid', [1, 2]])
  expect(cells.map(({ kind, form: { steps: taken, seed } }) => [kind, taken, seed]).toReversed()).toEqual([
    ['picture', 3, 1],
    ['picture', 1, 1],
    ['picture', 3, 2],
    ['picture', 1, 2],
  ])
  expect(sheet?.cells?.map(({ picture }) => picture)).toEqual(cells.map((one) => one.id).toReversed())
  expect((await api.generate.recall({ picture: cells[1]?.id ?? '' })).form).toMatchObject({ steps: 3, seed: 2 })
}, 300_000)
