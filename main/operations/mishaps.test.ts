// What goes wrong in the middle of a run, in its process: the error says so and what is kept, and the same command ends with the same bytes.
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { trainRequest } from '../../engine/requests/train.ts'
import { runtimeError, Session } from '../../engine/runtime/session.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['moss', 'fern'])
})
afterEach(() => vi.restoreAllMocks())
afterAll(folder.remove)

const steps = 4
const optimizers = {
  adamw: {},
  // Smaller than its state, so that every step reads and writes the file.
  'paged-adamw-8bit': { budgetMB: 0.0625, pageKB: 4, min8bitSize: 256 },
} as const
type Name = keyof typeof optimizers

/** Told at every step, before it is taken. */
function train(optimizer: Name, name: string, before: (step: number) => void = () => undefined) {
  const request = { steps, lr: 1e-3, rank: 64, resolution: 64, batch: 1, checkpointEvery: 1, title: 'x', dataset: folder.at('set') }
  const given = trainRequest.parse({ ...request, optimizer, optimizerOptions: optimizers[optimizer] })
  const context = fakeContext()
  const out = folder.at(`${name}.safetensors`)
  const machine = { device: 'cpu', threads: 1, model: folder.at('tiny'), out, precision: 'fp32' } as const
  before(1)
  const done = trainAdapter({ ...given, ...machine }, context, {
    afterStep: async (_model, step) => {
      await Promise.resolve()
      before(step + 1)
    },
  })
  return { out, done, context }
}

const whole = new Map<Name, Buffer>()
async function wholeOf(name: Name): Promise<Buffer> {
  const known = whole.get(name)
  if (known) return known
  const { out, done, context } = train(name, `whole-${name}`)
  await done
  const last = context.records.findLast(({ type }) => type === 'step') as unknown as { others?: Record<string, number> }
  if (name !== 'adamw') expect(Math.min(last.others?.pagesRead ?? 0, last.others?.pagesWritten ?? 0)).toBeGreaterThan(2)
  const file = await readFile(out)
  whole.set(name, file)
  return file
}

const handle = await open(process.execPath)
const files = Object.getPrototypeOf(handle) as Pick<FileHandle, 'write'>
await handle.close()
/** From now on no file takes anything. */
const noFile = (code: string) => () =>
  vi.spyOn(files, 'write').mockRejectedValue(Object.assign(new Error(`${code}: write`), { code, syscall: 'write' }))
const lost = new Error('WebGPU device lost: DXGI_ERROR_DEVICE_REMOVED')
const noDevice = () => vi.spyOn(Session.prototype, 'run').mockRejectedValue(runtimeError('training', 'webgpu', lost))

const mishaps: Readonly<Record<string, () => unknown>> = {
  'disk-full': noFile('ENOSPC'),
  'not-writable': noFile('EROFS'),
  'device-lost': noDevice,
}
const cases = Object.keys(mishaps).flatMap((code) => (Object.keys(optimizers) as Name[]).map((name) => ({ code, name })))

test.each(cases)('$code under $name: the checkpoint before it is kept, and the run goes on from it', async ({ code, name }) => {
  const expected = await wholeOf(name)
  const stopped = train(name, `${code}-${name}`, (step) => void (step === 3 && mishaps[code]?.()))
  const error: unknown = await stopped.done.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, facts: { step: 3, checkpoint: 2 } })
  expect(String(error)).toMatch(/^PigmentError: Step 3: .*The same command goes on: the checkpoint of step 2 is kept\.$/)
  expect((await readdir(folder.at(`${code}-${name}.run`))).toSorted()).toEqual(['started.json', 'step-00000001', 'step-00000002'])
  vi.restoreAllMocks()
  const resumed = train(name, `${code}-${name}`)
  await resumed.done
  expect(resumed.context.records.find(({ type }) => type === 'start')).toMatchObject({ step: 2 })
  expect((await readFile(resumed.out)).equals(expected)).toBe(true)
})

test('before the first checkpoint nothing is left, and the error says so', async () => {
  const stopped = train('paged-adamw-8bit', 'early', (step) => void (step === 1 && noFile('ENOSPC')()))
  await expect(stopped.done).rejects.toMatchObject({ code: 'disk-full' })
  vi.restoreAllMocks()
  const { done, out } = train('paged-adamw-8bit', 'early')
  await done
  expect((await readFile(out)).equals(await wholeOf('paged-adamw-8bit'))).toBe(true)
})

test.each([
  ['WebGPU device lost (unknown)', 'device-lost'],
  ['[E:onnxruntime] 887A0005 The GPU device instance has been suspended', 'device-lost'],
  ['vkQueueSubmit failed with VK_ERROR_DEVICE_LOST', 'device-lost'],
  ['CUDA failure 719: unspecified launch failure', 'device-lost'],
  ['CUDA failure 2: out of memory', 'out-of-memory'],
  ['Non-zero status code returned while running Reshape node', 'runtime'],
])('what a device says when it stops: %s', (text, code) => {
  expect(runtimeError('training', 'webgpu', new Error(text))).toMatchObject({ code, message: expect.stringContaining('webgpu') as unknown })
})
