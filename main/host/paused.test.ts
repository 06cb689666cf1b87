// A training that a person pauses: its process keeps what it has open, draws with what was learnt until then, and goes on to the same end.
import { beforeAll, expect, test } from 'vitest'
import type { Envelope } from '../api/transport.ts'
import { writeDataset, writeTinyModel } from '../operations/testing.ts'
import { useHost } from '../studio/testing.ts'

const studio = useHost('paused')
const { api, at } = studio
let [dataset, model] = ['', '']
const heard: Envelope[] = []

beforeAll(async () => {
  studio.host.listen((envelope) => void heard.push(envelope))
  await api.settings.set({ device: 'cpu', threads: 1 })
  await writeTinyModel(at('model'), 'sd1')
  model = (await api.models.add({ path: at('model') })).id
  await writeDataset(at('pictures'), ['a', 'b'])
  dataset = (await api.datasets.create({ name: 'Two', from: { path: at('pictures') }, mode: 'reference' })).id
})

const form = (name: string) => ({ name, dataset, model, steps: 30, rank: 2, alpha: 2, lr: 1e-3, resolution: 64, groups: 'self-q', checkpointEvery: 0 }) // prettier-ignore
const until = (job: string, ...states: string[]) =>
  expect.poll(async () => states.includes((await api.jobs.get({ job })).state), { timeout: 150_000, interval: 10 }).toBe(true)
const reached = (job: string, step: number) =>
  expect.poll(async () => (await api.jobs.get({ job })).step >= step, { timeout: 150_000, interval: 2 }).toBe(true)
const codes = async (job: string) => (await api.jobs.get({ job })).log.map(({ code }) => code)
const codeOf = (call: Promise<unknown>): Promise<unknown> => call.then(() => undefined, ({ code }: { code: unknown }) => code) // prettier-ignore
const picture = { prompt: 'apple', width: 64, height: 64, steps: 1, cfg: 1, seed: 3 }

test('paused, drawn with, gone on with; killed while it is paused; another job takes its memory; none of it costs a step', async () => {
  const { id: run } = await api.training.start(form('parted'))
  await reached(run, 5)
  expect(await codeOf(api.training.paused({ run }))).toBe('run-not-paused')
  await api.jobs.pause({ job: run })
  await until(run, 'paused')
  const paused = await api.jobs.get({ job: run })
  expect(paused.loaded).toBe(true)
  const card = await api.training.paused({ run })
  expect(card).toMatchObject({ title: 'parted', paused: paused.step, name: `parted · ${paused.step}`, layers: expect.any(Number) })
  expect((await api.library.list()).map(({ id }) => id)).toContain(card.id)

  // On its own model, in the process that it stands still in.
  heard.length = 0
  const stacked = { ...picture, model, stack: [{ adapter: card.id }] }
  const drawing = await api.generate.enqueue({ form: stacked })
  await until(drawing.id, 'done')
  const drawn = (await api.gallery.list({})).items.find(({ job }) => job === drawing.id)
  expect(drawn?.adapters).toEqual([{ name: card.name, weight: 1 }])
  expect(heard.some(({ topic, payload }) => topic === 'job' && (payload as { event: { type: string } }).event.type === 'device')).toBe(
    false,
  )
  expect((await api.jobs.get({ job: run })).loaded).toBe(true)

  const goOn = await api.jobs.resume({ job: run })
  expect(goOn.state).toBe('queued')
  await reached(run, paused.step + 2)
  expect(await codeOf(api.generate.enqueue({ form: stacked }))).toBe('run-not-paused')
  await api.jobs.pause({ job: run })
  await until(run, 'paused')
  studio.host.engine.kill()
  await expect.poll(async () => (await api.jobs.get({ job: run })).loaded).toBeUndefined()
  expect(await api.jobs.get({ job: run })).not.toHaveProperty('error')

  await api.jobs.resume({ job: run })
  await reached(run, (await api.jobs.get({ job: run })).step + 2)
  await api.jobs.pause({ job: run })
  await until(run, 'paused')
  // Paused itself while it is prepared, it has nothing to draw with yet.
  const { id: early } = await api.training.start(form('early'))
  await until(early, 'running')
  await api.jobs.pause({ job: early })
  await until(early, 'paused')
  expect((await codes(early)).at(-1)).toBe('paused-preparing')
  expect(await codeOf(api.training.paused({ run: early }))).toBe('run-without-step')
  await api.jobs.cancel({ job: early })
  expect(await codes(run)).toContain('paused-memory')
  // What it has learnt is there all the same.
  expect((await api.training.paused({ run })).id).toBe(card.id)
  await api.jobs.resume({ job: run })
  await until(run, 'done')

  expect((await api.training.run({ run })).curve.step).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  expect((await api.library.list()).map(({ id }) => id)).not.toContain(card.id)
}, 600_000)
