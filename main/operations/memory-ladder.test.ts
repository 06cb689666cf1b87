// Memory that does not suffice, in each phase of a training and of a drawing: the next rung is tried, told, and nothing that was learnt is lost.
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { noRungs } from '../../engine/memory-rungs.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { runtimeError, Session } from '../../engine/runtime/session.ts'
import { generate } from './engine/generate.ts'
import { downLadder, trainingRung } from './memory-ladder.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['moss', 'fern'])
})
afterEach(() => vi.restoreAllMocks())
afterAll(folder.remove)

const short = (graph: string) => runtimeError(graph, 'cuda', new Error('CUDA failure 2: out of memory ; GPU=0'))
/** From now on memory does not suffice so many times for a run of this network. */
function failing(graph: string, times = 1): void {
  const run = Session.prototype.run
  let left = times
  vi.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, ...given) {
    if (this.name !== graph || left === 0) return run.apply(this, given)
    left--
    return Promise.reject(short(graph))
  })
}
function failingToOpen(graph: string): void {
  const open = Session.open.bind(Session)
  vi.spyOn(Session, 'open').mockImplementation((source, options) => {
    if (source.name !== graph) return open(source, options)
    vi.mocked(Session.open).mockRestore()
    return Promise.reject(short(graph))
  })
}

const machine = { device: 'cpu', threads: 1, model: folder.at('tiny') } as const
const steps = 4
function train(name: string, before: (step: number) => void = () => undefined) {
  const context = fakeContext()
  const request = { steps, rank: 4, alpha: 4, resolution: 64, batch: 2, checkpointEvery: 0, title: 'x', dataset: folder.at('set') }
  const out = folder.at(`${name}.safetensors`)
  const renew = vi.fn<() => void>()
  const attempt = () =>
    trainAdapter({ ...trainRequest.parse(request), ...machine, out, precision: 'fp32' }, context, {
      afterStep: async (_model, step) => {
        await Promise.resolve()
        before(step + 1)
      },
    })
  const done = downLadder(attempt, { renew, tell: context.emit })
  return { done, out, renew, records: context.records }
}
const rungsOf = (records: readonly { readonly type: string }[]) =>
  records.flatMap((one) =>
    'code' in one && String(one.code).startsWith('memory-rung') ? [(one as unknown as { facts: { takes: string[] } }).facts.takes] : [],
  )
const startsOf = (records: readonly { readonly type: string }[]) =>
  records.flatMap((one) => (one.type === 'start' ? [(one as unknown as { step: number }).step] : []))

test('training: while pictures are encoded, while the network is opened, and in a step', async () => {
  failing('vae encoder')
  failingToOpen('train lora')
  const { done, renew, records, out } = train('all', (step) => {
    if (step === 3 && !records.some((one) => one.type === 'failed')) {
      records.push({ type: 'failed' })
      vi.restoreAllMocks()
      failing('train lora')
    }
  })
  await done
  expect(rungsOf(records)).toEqual([['tiles'], ['recompute'], ['batch']])
  expect(renew).toHaveBeenCalledTimes(3)
  // What was learnt before the third step is kept, though no checkpoint was due.
  expect(startsOf(records)).toEqual([0, 2])
  expect(records.findLast(({ type }) => type === 'step')).toMatchObject({ step: steps })
  expect((await readdir(folder.at())).filter((name) => name.endsWith('.run'))).toEqual([])
  expect((await readFile(out)).length).toBeGreaterThan(1000)
})

test('a training that went down the ladder goes on there with the same command; where nothing is left, the error stays', async () => {
  const first = train('stopped', (step) => void (step === 2 && failing('train lora', Infinity)))
  await expect(first.done).rejects.toMatchObject({ code: 'out-of-memory', facts: { step: 2, checkpoint: 1 } })
  expect(rungsOf(first.records)).toEqual([['recompute'], ['batch'], ['baseWeights']])
  vi.restoreAllMocks()
  const again = train('stopped')
  await again.done
  expect([startsOf(again.records), rungsOf(again.records)]).toEqual([[1], []])
})

test('drawing: while the network is opened, in a step, and while it is decoded', async () => {
  const context = fakeContext()
  const economies: unknown[] = []
  const asked = generateRequest.parse({ prompt: 'moss', negative: 'fern', steps: 1, cfg: 3, width: 64, height: 64, seed: 1 })
  const usual = { ...machine, ...asked, lora: [], embedding: [] }
  const draw = (name: string) =>
    downLadder(
      (economy) => {
        economies.push(economy)
        return generate({ ...usual, out: folder.at(name), economy }, context)
      },
      { renew: () => undefined, tell: context.emit },
    )
  await draw('plain.png')
  failing('unet')
  failingToOpen('unet')
  await draw('short.png')
  expect(economies).toEqual([{}, {}, { alone: true }, { alone: true, byRow: true }])
  // One row after the other, the same picture.
  expect((await readFile(folder.at('short.png'))).equals(await readFile(folder.at('plain.png')))).toBe(true)
  vi.restoreAllMocks()
  failing('vae decoder', Infinity)
  // A picture of one part has nothing to be cut into.
  await expect(draw('none.png')).rejects.toMatchObject({ code: 'out-of-memory' })
})

test.each([
  ['cpu', 'std::bad_alloc'],
  ['cpu', 'bad allocation'],
  [
    'cpu',
    "Non-zero status code returned while running MatMul node. Name:'x' Status Message: bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 4294967296",
  ],
  ['cuda', 'bfc_arena.cc:358 AllocateRawInternal Available memory of 1048576 is smaller than requested bytes of 4294967296'],
  ['cuda', 'CUDA failure 2: out of memory ; GPU=0 ; hostname=h ; file=cuda_allocator.cc ; line=44 ; expr=cudaMalloc((void**)&p, size);'],
  ['cuda', 'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0'],
  ['cuda', 'CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED ; GPU=0'],
  [
    'dml',
    'Exception during initialization: D:\\a\\_work\\DmlCommittedResourceAllocator.cpp(22)\\onnxruntime.dll!Exception(1) tid(1) 8007000E Not enough memory resources are available to complete this operation.',
  ],
  ['webgpu', 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY'],
  ['webgpu', 'Buffer size (5368709120) exceeds the max buffer size limit (4294967296).'],
])('what %s says of it: %s', (provider, text) => {
  expect(runtimeError('unet', provider, new Error(text))).toMatchObject({ code: 'out-of-memory', facts: { graph: 'unet' } })
})

test('who trains together with others takes no rung alone', () => {
  const short = new PigmentError('out-of-memory', 'x', { graph: 'step' })
  const asked = trainRequest.parse({ dataset: 'd', batch: 2 })
  expect(trainingRung(short, noRungs, asked, false)).toMatchObject({ takes: 'recompute' })
  expect(trainingRung(short, noRungs, asked, true)).toBeUndefined()
})
