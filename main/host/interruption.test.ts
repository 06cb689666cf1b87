// The engine process dies in the middle of a run: the host stays, the job says so, and resuming gives the same adapter as never stopping.
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import type { Envelope } from '../api/transport.ts'
import { writeDataset, writeTinyModel } from '../operations/testing.ts'
import { useHost } from '../studio/testing.ts'

const studio = useHost('kill')
const { api, at } = studio
let dataset: string
let model: string
const heard: Envelope[] = []

const listen = (): unknown => studio.host.listen((envelope) => void heard.push(envelope))
const openAgain = async (): Promise<void> => {
  await studio.open()
  listen()
}

beforeAll(async () => {
  listen()
  await api.settings.set({ device: 'cpu', threads: 1 })
  await writeTinyModel(at('model'), 'sd1')
  model = (await api.models.add({ path: at('model') })).id
  await writeDataset(at('pictures'), ['a', 'b', 'c'])
  dataset = (await api.datasets.create({ name: 'Three', from: { path: at('pictures') }, mode: 'reference' })).id
})

const form = (name: string) => ({ name, dataset, model, steps: 40, rank: 2, alpha: 2, lr: 1e-3, resolution: 64, checkpointEvery: 5 })
const until = (job: string, ...states: string[]) =>
  expect.poll(async () => states.includes((await api.jobs.get({ job })).state), { timeout: 150_000, interval: 20 }).toBe(true)
const weights = async (job: string): Promise<string> => {
  const { adapter } = await api.training.run({ run: job })
  const bytes = await readFile((await api.library.get({ adapter: adapter ?? '' })).path)
  // The header differs by the title of the run.
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))).toString('base64')
}
const stepReached = (job: string, step: number) =>
  expect.poll(async () => (await api.jobs.get({ job })).step >= step, { timeout: 150_000, interval: 5 }).toBe(true)

test('killed, paused, and the host itself restarted: the same adapter each time', async () => {
  const whole = await api.training.start(form('whole'))
  await until(whole.id, 'done')

  const killed = await api.training.start(form('killed'))
  await stepReached(killed.id, 7)
  studio.host.engine.kill()
  await until(killed.id, 'interrupted')
  expect((await api.jobs.get({ job: killed.id })).error?.code).toBe('worker-died')
  expect(heard.some(({ topic, payload }) => topic === 'engine' && (payload as { state: string }).state === 'crashed')).toBe(true)
  await api.jobs.resume({ job: killed.id })
  await stepReached(killed.id, 20)
  await api.jobs.pause({ job: killed.id })
  await until(killed.id, 'paused', 'done')
  // Also one that stands still, with its model loaded.
  studio.host.engine.kill()
  await studio.host.close()
  await openAgain()
  if ((await api.jobs.get({ job: killed.id })).state === 'paused') await api.jobs.resume({ job: killed.id })
  await until(killed.id, 'done')

  expect(await weights(killed.id)).toBe(await weights(whole.id))
  const [a, b] = [await api.training.run({ run: whole.id }), await api.training.run({ run: killed.id })]
  expect(b.curve.step).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  expect(b.curve.loss).toEqual(a.curve.loss)
}, 600_000)

test('a finished run is gone on with: it begins with what that one learnt', async () => {
  const first = await api.training.start(form('first'))
  await until(first.id, 'done')
  const numbers = async (job: string): Promise<Float32Array> => {
    const bytes = Buffer.from(await weights(job), 'base64')
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  }
  const still = { steps: 1, lr: 1e-9 }
  const next = await api.training.start({ ...form('next'), ...still, continueFrom: first.id })
  const anew = await api.training.start({ ...form('anew'), ...still })
  await until(next.id, 'done')
  await until(anew.id, 'done')
  const [learnt, on, fresh] = [await numbers(first.id), await numbers(next.id), await numbers(anew.id)]
  const apart = (one: Float32Array): number => Math.max(...one.map((value, i) => Math.abs(value - (learnt[i] ?? NaN))))
  expect(learnt).toHaveLength(on.length)
  expect(apart(on)).toBeLessThan(1e-6)
  expect(apart(fresh)).toBeGreaterThan(1e-3)

  const code = async (more: object): Promise<unknown> =>
    api.training.start({ ...form('no'), ...more }).then(
      () => undefined,
      (error: { code?: string }) => error.code,
    )
  expect(await code({ rank: 3, continueFrom: first.id })).toBe('continue-mismatch')
  expect(await code({ continueFrom: 'nothing' })).toBe('run-without-adapter')
})

test('after a crash the next picture is drawn as if nothing had been', async () => {
  const form = { prompt: 'apple', model, width: 64, height: 64, steps: 1, cfg: 1 }
  const draw = async (): Promise<void> => {
    const { id } = await api.generate.enqueue({ form })
    await until(id, 'done')
  }
  await draw()
  heard.length = 0
  studio.host.engine.kill()
  // A job given to a process that is just dying would be interrupted with it.
  const crashed = (): boolean =>
    heard.some(({ topic, payload }) => topic === 'engine' && (payload as { state: string }).state === 'crashed')
  await expect.poll(crashed, { interval: 5 }).toBe(true)
  await draw()
  const { items, total } = await api.gallery.list({})
  expect(total).toBe(2)
  const recalled = await api.generate.recall({ picture: items[0]?.id ?? '' })
  expect(recalled.form).toMatchObject({ prompt: 'apple', steps: 1, cfg: 1 })
})

test('an engine that hangs is ended when it is asked to stop, which is told; the next job and the end of the studio do not wait for it', async (context) => {
  if (process.platform === 'win32') return context.skip('no signal of Windows makes a process hang')
  const hang = (): void => void process.kill(studio.host.engine.pid ?? 0, 'SIGSTOP')
  heard.length = 0
  const stuck = await api.training.start({ ...form('stuck'), steps: 100_000 })
  await stepReached(stuck.id, 2)
  hang()
  expect((await api.jobs.cancel({ job: stuck.id })).state).toBe('cancelling')
  await until(stuck.id, 'cancelled')
  const { error, log } = await api.jobs.get({ job: stuck.id })
  expect([error?.code, log.at(-1)?.code]).toEqual(['worker-silent', 'worker-silent'])
  const crashes = heard
    .filter(({ topic }) => topic === 'engine')
    .map(({ payload }) => payload as { state: string; error?: { code: string } })
  expect(crashes.find(({ state }) => state === 'crashed')?.error?.code).toBe('worker-silent')

  const next = await api.training.start({ ...form('after'), steps: 100_000 })
  await stepReached(next.id, 2)
  hang()
  await studio.host.close()
  await openAgain()
  expect(await api.jobs.get({ job: next.id })).toMatchObject({ state: 'interrupted' })
})
