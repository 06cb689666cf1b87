// What a run tells while it is prepared and while it goes, and that it stops when asked in either.
import { readFile } from 'node:fs/promises'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { diagnosedBy, noDiagnosis } from '../../engine/requests/diagnosis.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import type { JobEvent } from '../api/topics.ts'
import { writeDataset, writeTinyModel } from '../operations/testing.ts'
import { useHost } from '../studio/testing.ts'

const studio = useHost('progress')
const { api, at } = studio
let model: string
let dataset: string
/** In the order in which they were told. */
let told: { readonly summary?: JobSummary; readonly event?: JobEvent }[] = []
let whenTold: (summary: JobSummary) => void = () => undefined
const many = 120

beforeAll(async () => {
  studio.host.listen(({ topic, payload }) => {
    if (topic === 'job') told.push({ event: (payload as { event: JobEvent }).event })
    if (topic !== 'jobs') return
    const { job } = payload as { job: JobSummary }
    told.push({ summary: job })
    whenTold(job)
  })
  await api.settings.set({ device: 'cpu', threads: 1 })
  await writeTinyModel(at('model'), 'sd1')
  model = (await api.models.add({ path: at('model') })).id
  const names = Array.from({ length: many }, (_, i) => `picture ${i}`)
  await writeDataset(at('pictures'), names)
  dataset = (await api.datasets.create({ name: 'Many', from: { path: at('pictures') }, mode: 'reference' })).id
}, 300_000)
beforeEach(() => {
  told = []
  whenTold = () => undefined
})

const form = () => ({ name: 'run', dataset, model, steps: 6, rank: 2, alpha: 2, lr: 1e-3, resolution: 64, checkpointEvery: 2 })
const patient = { timeout: 150_000, interval: 20 }
const state = async (job: string): Promise<string> => (await api.jobs.get({ job })).state
const until = (job: string, wanted: string) => expect.poll(() => state(job), patient).toBe(wanted)
const summaries = (): JobSummary[] => told.flatMap(({ summary }) => summary ?? [])
const steps = (): Extract<JobEvent, { type: 'step' }>[] => told.flatMap(({ event }) => (event?.type === 'step' ? [event] : []))

test('a run tells what is prepared, then the time left as the engine reckons it', async () => {
  const { id } = await api.training.start(form())
  await until(id, 'done')
  const stages = summaries().flatMap(({ preparing }) => preparing?.stage ?? [])
  expect([...new Set(stages)]).toEqual(['model', 'dataset', 'latents', 'captions', 'graph'])
  expect(summaries().some(({ preparing }) => preparing?.stage === 'latents' && preparing.done > 0 && preparing.total === many)).toBe(true)
  // Nobody can know before the first step.
  const before = summaries().filter(({ preparing, step }) => preparing !== null || step === 0)
  expect(before.every(({ eta }) => eta === null)).toBe(true)
  const running = summaries().filter((one) => one.state === 'running' && one.step > 0)
  for (const event of steps()) {
    const after = running.find(({ step }) => step === event.step)
    expect(after).toMatchObject({ eta: 'eta' in event ? event.eta : NaN, preparing: null })
  }
  expect(steps()).toHaveLength(6)
  expect(await api.jobs.get({ job: id })).toMatchObject({ eta: null, preparing: null, step: 6 })
}, 300_000)

test('steps of a run are kept as adapters that go into the library; the run is renamed, removed and brought back with them', async () => {
  await writeDataset(at('more'), ['picture 0', 'other'])
  const more = (await api.datasets.create({ name: 'More', from: { path: at('more') }, mode: 'reference' })).id
  const sets = [{ folder: more, repeats: 2 }]
  const { id } = await api.training.start({ ...form(), name: 'chosen', sets, samples: { every: 2 }, diagnosticsEvery: 2 })
  await until(id, 'done')
  const run = await api.training.run({ run: id })
  expect(run.form.sets?.[0]).toMatchObject(sets[0] ?? {})
  // What it told of its inside is known afterwards as it was told meanwhile.
  expect(run.diagnosis.looks.map(({ step }) => step)).toEqual([2, 4, 6])
  expect(run.diagnosis).toEqual(told.reduce((known, { event }) => (event ? diagnosedBy(known, event) : known), noDiagnosis))
  expect(run.diagnosis.rankUse?.layers.every(({ block }) => block !== 'other')).toBe(true)
  // Two pictures of one name are each found in their set; one that is gone is left out.
  const found = await api.training.pictures({ run: id, paths: ['picture 0.png', 'gone.png', '2 more/picture 0.png', '2 more/other.png'] })
  expect(found.map((one) => [one.dataset, one.within])).toEqual([
    [dataset, 'picture 0.png'],
    [more, 'picture 0.png'],
    [more, 'other.png'],
  ])
  expect(run.kept).toEqual([2, 4])
  expect(told.flatMap(({ event }) => (event?.type === 'kept-step' ? event.step : []))).toEqual([2, 4])
  await api.training.rename({ run: id, name: ' Chosen of six ' })
  const card = await api.training.keep({ run: id, step: 4 })
  expect(card).toMatchObject({ name: 'chosen-step00000004', title: 'Chosen of six · 4' })
  // Weights on their way are others than those at the end.
  const content = async (adapter: string) => (await readFile((await api.library.get({ adapter })).path)).subarray(-4096).toString('hex')
  expect(await content(card.id)).not.toBe(await content(run.adapter ?? ''))
  const mean = await api.training.average({ run: id, width: 0.2 })
  expect(mean.title).toBe('Chosen of six · EMA 0.2')
  expect([await content(card.id), await content(run.adapter ?? '')]).not.toContain(await content(mean.id))
  await expect(api.training.keep({ run: id, step: 3 })).rejects.toMatchObject({ code: 'step-unknown' })

  const listed = async () => (await api.training.runs()).filter((one) => one.id === id).map(({ name }) => name)
  const { undo } = await api.training.remove({ run: id })
  expect(await listed()).toEqual([])
  await expect(api.training.run({ run: id })).rejects.toMatchObject({ code: 'job-unknown' })
  expect(await content(run.adapter ?? '')).not.toBe('')
  await api.training.restore({ undo })
  expect(await listed()).toEqual(['Chosen of six'])
  expect(await api.training.run({ run: id })).toEqual({ ...run, name: 'Chosen of six' })
  await expect(api.training.restore({ undo })).rejects.toMatchObject({ code: 'trash-missing' })
}, 300_000)

test.each(['pause', 'cancel'] as const)(
  '%s acts while pictures are prepared',
  async (word) => {
    const { id } = await api.training.start(form())
    let asked: Promise<JobSummary> | undefined
    whenTold = ({ preparing }) => {
      if (preparing?.stage === 'latents') asked ??= api.jobs[word]({ job: id })
    }
    await until(id, word === 'pause' ? 'paused' : 'cancelled')
    expect((await asked)?.id).toBe(id)
    expect(told.some(({ event }) => event?.type === 'start')).toBe(false)
    expect(await api.jobs.get({ job: id })).toMatchObject({ step: 0, preparing: null, eta: null })
    // It can be taken up again, and then goes to its end.
    await api.jobs.resume({ job: id })
    await until(id, 'done')
    expect(steps()).toHaveLength(6)
  },
  300_000,
)

test('a drawing tells that the model is opened, then the time left of all its pictures', async () => {
  const { id } = await api.generate.enqueue({ form: { prompt: 'apple', model, width: 64, height: 64, steps: 4, cfg: 1 }, count: 2 })
  await until(id, 'done')
  expect(summaries().find((one) => one.state === 'running' && one.preparing)?.preparing).toEqual({ stage: 'model', done: 0, total: 1 })
  const running = summaries().filter((one) => one.state === 'running' && one.step > 0)
  const seen = new Map(running.map(({ step, eta }) => [step, eta]))
  expect([...seen.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  for (const event of steps()) expect(seen.get(event.step)).toBeCloseTo((8 - event.step) / event.rate, 9)
  expect(seen.get(8)).toBe(0)
}, 300_000)

test('the steps of a grid whose cells have different numbers of them go up to their sum', async () => {
  const given = { prompt: 'apple', model, width: 64, height: 64, steps: 4, cfg: 1 }
  const { id, steps: all } = await api.generate.grid({ form: given, x: { kind: 'steps', values: [3, 1] } })
  await until(id, 'done')
  expect([all, steps().map(({ step }) => step)]).toEqual([4, [1, 2, 3, 4]])
  // Each cell is a picture of its own, and the sheet knows where it stands.
  const { items } = await api.gallery.list({ text: '', starred: false, limit: 10 })
  const mine = items.filter((one) => one.job === id)
  expect(mine.map(({ kind, form }) => [kind, form.steps])).toEqual([
    ['grid', 4],
    ['picture', 1],
    ['picture', 3],
  ])
  expect(mine[0]?.cells?.map(({ picture }) => picture)).toEqual([mine[2]?.id, mine[1]?.id])
  expect((await api.generate.recall({ picture: mine[1]?.id ?? '' })).form).toMatchObject({ steps: 1, prompt: 'apple' })
}, 300_000)
