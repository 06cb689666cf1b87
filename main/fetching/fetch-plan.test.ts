import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchPlan } from './fetch-plan.ts'
import type { Plan } from './plan.ts'
import { FetchService } from './service.ts'
import { sha256, startHub, type Stored, type TestHub } from './testing-hub.ts'

let folder: string
let hub: TestHub
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-fetch-'))
  hub = await startHub()
})
afterEach(async () => {
  await hub.close()
  await rm(folder, { recursive: true, force: true })
})

const bytes = (length: number, seed = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255)
const signal = new AbortController().signal
const planOf = (link: string, of = hub.network): Promise<Plan> => new FetchService(of).plan(link, signal)
interface Noted {
  readonly code: string
  readonly why: unknown
}
const notes: Noted[] = []
const get = async (plan: Plan, { progress, ...options }: { signal?: AbortSignal; progress?: (done: number) => void } = {}) => {
  notes.length = 0
  return fetchPlan(plan, {
    folder,
    network: hub.network,
    signal,
    progress(done) {
      progress?.(done)
      hub.seen(done)
    },
    note: (_text, code, { why }) => notes.push({ code, why }),
    ...options,
  })
}
/** A file behind a link of its own, without a hash. */
async function linked({ cuts, ...one }: Stored, etag?: string): Promise<Plan> {
  const stored: Stored = { ...(etag === '' ? {} : { etag: '"one"' }), ...one }
  hub.stored.set('/file.safetensors', stored)
  const plan = await planOf(`${hub.storage}/file.safetensors`)
  if (cuts) stored.cuts = cuts
  return plan
}
const ranges = (): string[] => hub.asked.flatMap(({ headers }) => (headers.range && headers.range !== 'bytes=0-0' ? [headers.range] : []))
const has = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

test('cut at every tenth it goes on from there, and is the same in the end', async () => {
  const whole = bytes(100_000)
  const one = hub.repo('some/painter', { 'painter.safetensors': whole }).get('painter.safetensors')
  if (one) one.cuts = Array.from({ length: 9 }, () => 10_000)
  const told: number[] = []
  const { path, sha256: sums } = await get(await planOf('some/painter'), { progress: (done) => told.push(done) })
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
  expect(sums).toEqual({ 'painter.safetensors': sha256(whole) })
  expect(ranges().length).toBeGreaterThanOrEqual(9)
  expect(told.at(-1)).toBe(100_000)
  expect(await has(`${path}.part`)).toBe(false)
})

test('a connection that ends again and again at the same place is given up, and what is here stays for another time', async () => {
  const whole = bytes(50_000)
  const one = hub.repo('some/painter', { 'painter.safetensors': whole }).get('painter.safetensors')
  if (one) one.cuts = [20_000, ...Array.from({ length: 8 }, () => 1)]
  const plan = await planOf('some/painter')
  await expect(get(plan)).rejects.toMatchObject({ code: 'fetch-cut', facts: { name: 'painter.safetensors' } })
  // Later each time, and not at once.
  expect(hub.waits).toEqual([...hub.waits].sort((a, b) => a - b))
  expect(hub.waits.length).toBeLessThan(8)
  if (one) one.cuts = []
  const before = hub.asked.length
  const { path } = await get(plan)
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
  expect(hub.asked.slice(before).at(-1)?.headers.range).toMatch(/^bytes=2000\d-$/)
})

test('stopped it keeps what is flushed; a torn end beyond it is not believed', async () => {
  const whole = bytes(400_000)
  const one = hub.repo('some/painter', { 'painter.safetensors': whole }).get('painter.safetensors')
  if (one) one.cuts = [200_000]
  const plan = await planOf('some/painter')
  const stop = new AbortController()
  await expect(get(plan, { signal: stop.signal, progress: (done) => done >= 150_000 && stop.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  })
  const part = join(folder, 'files', 'painter.safetensors.part')
  const { size } = await stat(part)
  expect(size).toBeGreaterThanOrEqual(150_000)
  // As after a power cut: the file is longer than what was flushed.
  await writeFile(part, new Uint8Array(50_000), { flag: 'a' })
  const { path } = await get(plan)
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
  expect(ranges().at(-1)).toBe(`bytes=${size}-`)
  // Once it is here, nobody is asked for it again.
  const before = hub.asked.length
  await get(plan)
  expect(hub.asked.length).toBe(before)
})

test('what a kill left before anything was flushed is no part of the file', async () => {
  const whole = bytes(30_000)
  hub.repo('some/painter', { 'painter.safetensors': whole })
  const files = join(folder, 'files')
  await mkdir(files, { recursive: true })
  await writeFile(join(files, 'painter.safetensors.part'), new Uint8Array(777))
  const { path } = await get(await planOf('some/painter'))
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
})

test('a file that changes between two parts begins anew, whether its server minds or not', async () => {
  for (const heedless of [false, true]) {
    const [first, second] = [bytes(60_000, 1), bytes(60_000, 2)]
    const plan = await linked({ bytes: first, cuts: [30_000], later: { after: 2, bytes: second, etag: '"two"' }, heedless })
    const { path } = await get(plan)
    expect(Buffer.compare(await readFile(path), second)).toBe(0)
    expect(notes).toEqual([{ code: 'fetch-anew', why: 'it changed on the server' }])
    await rm(folder, { recursive: true })
  }
})

test('parts of two states that nothing tells apart are found by their hash, and the file is fetched whole', async () => {
  const whole = bytes(60_000)
  const made = hub.repo('some/painter', { 'painter.safetensors': whole })
  const one = made.get('painter.safetensors')
  const plan = await planOf('some/painter')
  // Without a word from the server about its state.
  if (one) Object.assign(one, { etag: undefined, bytes: bytes(60_000, 9), cuts: [30_000], later: { after: 1, bytes: whole, etag: '"x"' } })
  if (one?.later) Object.assign(one.later, { etag: undefined })
  const { path } = await get(plan)
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
  expect(notes).toEqual([{ code: 'fetch-anew', why: 'its parts do not fit together' }])
})

test('a server that gives no parts is asked for the whole again; one that does not say what state it has, too', async () => {
  const whole = bytes(60_000)
  const { path } = await get(await linked({ bytes: whole, rangeless: true, cuts: [30_000] }))
  expect(Buffer.compare(await readFile(path), whole)).toBe(0)
  expect(notes.map(({ why }) => why)).toEqual(['the server does not give parts of it'])
  await rm(folder, { recursive: true })
  await get(await linked({ bytes: whole, cuts: [30_000] }, ''))
  expect(notes.map(({ why }) => why)).toEqual(['the server does not say whether it is still the same'])
})

test('a wrong hash: the file is deleted, and told', async () => {
  const one = hub.repo('some/painter', { 'painter.safetensors': bytes(5000) }).get('painter.safetensors')
  const plan = await planOf('some/painter')
  if (one) one.bytes = bytes(5000, 7)
  await expect(get(plan)).rejects.toMatchObject({
    code: 'fetch-hash-wrong',
    facts: { got: sha256(bytes(5000, 7)), expected: sha256(bytes(5000)) },
  })
  expect(await readdir(join(folder, 'files'))).toEqual([])
  // Small files are held against their name in git.
  hub.repo('some/other', { 'a.safetensors': bytes(100) }).forEach((small) => (small.bytes = bytes(100, 3)))
  await rm(folder, { recursive: true })
  await expect(get(await planOf('some/other'))).rejects.toMatchObject({ code: 'fetch-hash-wrong', facts: { algorithm: 'git-sha1' } })
})

test('a length that is a lie: too long ends as a cut, too short or another one than published is refused', async () => {
  const whole = bytes(20_000)
  await expect(get(await linked({ bytes: whole, saidLength: 40_000, rangeless: true }))).rejects.toMatchObject({ code: 'fetch-cut' })
  const one = hub.repo('some/painter', { 'painter.safetensors': whole }).get('painter.safetensors')
  const plan = await planOf('some/painter')
  if (one) one.bytes = bytes(30_000)
  await expect(get(plan)).rejects.toMatchObject({ code: 'fetch-size-wrong', facts: { expected: 20_000, got: 30_000 } })
  if (one) one.unmeasured = true
  await expect(get(plan)).rejects.toMatchObject({ code: 'fetch-size-wrong', facts: { expected: 20_000 } })
  // Where nobody tells a length, the end is the end.
  await rm(folder, { recursive: true })
  const { path } = await get(await linked({ bytes: whole, unmeasured: true, rangeless: true }))
  expect((await stat(path)).size).toBe(20_000)
})

test('the disk is asked before anything is fetched', async () => {
  hub.repo('some/painter', { 'painter.safetensors': bytes(5000) })
  const plan = await planOf('some/painter')
  const before = hub.asked.length
  const network = { ...hub.network, free: () => Promise.resolve(2 ** 30 + 4999) }
  const getting = fetchPlan(plan, { folder, network, signal, progress: () => undefined, note: () => undefined })
  await expect(getting).rejects.toMatchObject({ code: 'disk-full', facts: { needed: 5000 } })
  expect(hub.asked.length).toBe(before)
})

test('a busy server is left alone for as long as it says, a broken one for longer each time; both for a few times only', async () => {
  hub.repo('some/painter', { 'painter.safetensors': bytes(5000) })
  const plan = await planOf('some/painter')
  hub.faults.storage.push({ status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, { status: 500 })
  await get(plan)
  expect(hub.waits).toEqual([7000, 2000, 4000])
  hub.waits.length = 0
  hub.faults.hub.push(...Array.from({ length: 9 }, () => ({ status: 502 })))
  await expect(planOf('some/painter')).rejects.toMatchObject({ code: 'fetch-server', facts: { status: 502 } })
  expect(hub.waits).toEqual([1000, 2000, 4000, 8000])
  hub.faults.hub.length = 0
  hub.faults.hub.push({ status: 429, headers: { 'retry-after': '86400' } })
  await expect(planOf('some/painter')).rejects.toMatchObject({ code: 'fetch-limited', facts: { status: 429 } })
})

test('a silent connection counts as cut', async () => {
  const quiet = await startHub({ silence: 50 })
  try {
    hub.repo('some/painter', { 'painter.safetensors': bytes(5000) })
    const plan = await planOf('some/painter')
    const [file] = plan.files
    // A port that takes connections and says nothing.
    const { createServer } = await import('node:net')
    const mute = createServer(() => undefined)
    await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done))
    const { port } = mute.address() as { port: number }
    const network = { ...quiet.network, hubs: { ...quiet.network.hubs, plain: [`http://127.0.0.1:${port}`] } }
    const silent = { ...plan, files: [{ ...file, path: 'painter.safetensors', url: `http://127.0.0.1:${port}/x` }] }
    const getting = fetchPlan(silent, { folder, network, signal, progress: () => undefined, note: () => undefined })
    await expect(getting).rejects.toMatchObject({ code: 'fetch-unreachable' })
    mute.close()
  } finally {
    await quiet.close()
  }
})
