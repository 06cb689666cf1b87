import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPrograms } from '../operations/find-programs.ts'
import { never, workFolder } from '../operations/testing.ts'
import { writePrograms } from '../operations/testing-programs.ts'
import { toolOperations, type ToolOperations } from '../operations/tools/index.ts'
import { callsHere } from '../processes/caller.ts'
import { FoundModels } from './found-models.ts'

const folder = await workFolder()
const home = folder.at('home')
const where = () => ({ home, environment: {}, platform: 'linux' as const, roots: [home] })
const read: string[] = []
const here = callsHere<ToolOperations>(() => Promise.resolve(toolOperations))
const tools: typeof here = {
  call(name, input, options) {
    read.push((input as { path: string }).path)
    return here.call(name, input, options)
  },
}
const looking = { signal: never, progress: () => undefined }
const beside = { models: new Map<string, string>(), watched: [] }
const open = (): Promise<FoundModels> => FoundModels.open(folder.at('data'), tools, where)
beforeAll(async () => {
  await mkdir(folder.at('data'), { recursive: true })
  await writePrograms(home)
})
afterAll(folder.remove)

test('headers are read once for each state of a file, also by the next process', async () => {
  const first = await open()
  expect(first.list(beside)).toEqual({ at: null, models: [], places: [] })
  await first.look(looking)
  const before = first.list(beside).models
  expect(read.length).toBeGreaterThan(8)
  const next = await open()
  expect(next.list(beside).models).toEqual(before)
  read.length = 0
  const changed = join(home, 'matrix/Models/StableDiffusion/matrix.safetensors')
  await utimes(changed, new Date('2026-02-02'), new Date('2026-02-02'))
  await next.look(looking)
  expect(read).toEqual([changed])
})

test('a look that is stopped keeps what it has read, and the next one reads the rest', async () => {
  await mkdir(folder.at('stopped'))
  const found = await FoundModels.open(folder.at('stopped'), tools, where)
  const stop = new AbortController()
  read.length = 0
  await expect(found.look({ signal: stop.signal, progress: (done) => done > 2 && stop.abort() })).rejects.toThrow()
  const kept = found.list(beside)
  expect([kept.at, kept.models.length > 0]).toEqual([null, true])
  await found.look(looking)
  expect(read.length).toBeLessThan(found.list(beside).models.length + kept.models.length)
  expect(found.list(beside).models.length).toBeGreaterThan(kept.models.length)
})

test('adapters say which folder the library is to watch, until it does; models say that they are in the list', async () => {
  const found = await open()
  const watch = (watched: readonly string[] = []) =>
    Object.fromEntries(found.list({ ...beside, watched }).models.flatMap(({ name, watch }) => (watch ? [[name, watch]] : [])))
  const loras = join(home, 'stable-diffusion-webui/models/Lora')
  expect(watch()).toEqual({
    ink: loras,
    neg: join(home, 'stable-diffusion-webui/embeddings'),
    comic: join(home, 'shared/two'),
    watercolour: join(home, '.cache/huggingface/hub/models--some--lora'),
  })
  expect(watch([loras])).not.toHaveProperty('ink')
  const [one] = found.list(beside).models.filter(({ name }) => name === 'v1')
  expect(found.list({ ...beside, models: new Map([[one?.path ?? '', 'm1']]) }).models.find(({ name }) => name === 'v1')?.model).toBe('m1')
})

test('a file that is still written is not read, and is once it is still', async () => {
  const found = await open()
  const path = join(home, 'matrix/Models/StableDiffusion/half.safetensors')
  await writeFile(path, 'half')
  await found.look(looking)
  expect(found.list(beside).models.find(({ name }) => name === 'half')).toMatchObject({
    problem: { code: expect.stringMatching(/^safetensors-/) },
  })
  expect(read.filter((one) => one === path)).toHaveLength(1)
  await rm(path)
})

test('a place that is away keeps what was known of it and says why; one that a person takes out is not found again', async () => {
  const found = await open()
  const matrix = () => found.list(beside).places.find(({ program }) => program === 'stability-matrix')
  const there = matrix()
  await rename(join(home, '.config'), join(home, '.away'))
  await found.look(looking)
  expect(matrix()).toMatchObject({ count: there?.count, error: { code: 'file-not-found' } })
  await rename(join(home, '.away'), join(home, '.config'))
  await found.look(looking)
  expect(matrix()).toEqual({ ...there, count: 1 })
  await found.removeFolder(there?.id ?? '')
  await found.look(looking)
  expect(matrix()).toBeUndefined()
  await found.addFolder(join(home, '.config/StabilityMatrix'), looking)
  expect(matrix()).toMatchObject({ count: 1 })
  await expect(found.removeFolder('nothing')).rejects.toMatchObject({ code: 'place-unknown' })
})

test('any folder can be named; one that is not there is refused', async () => {
  const found = await open()
  await found.addFolder(join(home, 'my models'), looking)
  expect(found.list(beside).places.find(({ folder }) => folder === join(home, 'my models'))).toMatchObject({ program: '' })
  await expect(found.addFolder(join(home, 'none'), looking)).rejects.toMatchObject({ code: 'file-not-found' })
})

test('where nothing is, nothing is found, and nothing is searched for below', async () => {
  const roots = [folder.at('empty')]
  await mkdir(folder.at('empty/one/two/stable-diffusion-webui'), { recursive: true })
  expect(await findPrograms({ home: folder.at('empty'), environment: {}, platform: 'linux', roots })).toEqual([])
})
