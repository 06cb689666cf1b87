import '../ops/index.ts'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { cast, conv, matMul, reshape, sigmoid, transpose } from '../graph/math.ts'
import { randomStream } from '../tensor/philox.ts'
import ort from './onnxruntime.ts'
import { OptimizedModels } from './optimized-models.ts'
import { keepOptimizedModels, optimizedModelsKept } from './optimized-session.ts'
import { SessionThread } from './session-thread.ts'
import { Session, sourceOf } from './session.ts'

let folder = ''
let told: string[] = []
const cache = (): string => join(folder, 'cache')
const file = (): string => join(folder, 'weights')
const entries = (): string[] => (existsSync(cache()) ? readdirSync(cache()) : [])

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pigment-optimized-'))
  told = []
  writeWeights(1)
  keep()
})
afterEach(async () => {
  await optimizedModelsKept()
  keepOptimizedModels(undefined)
  rmSync(folder, { recursive: true, force: true })
})

const keep = (budget = 1e9, where = cache()): void =>
  keepOptimizedModels({ folder: where, budget, least: 0 }, (reason) => void told.push(reason))

const [convolved, multiplied] = [[32, 32, 3, 3], [48, 32 * 64] as const]
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

function writeWeights(seed: number): void {
  const values = randomStream(seed, 'weights', 0).normal(count(convolved) + count(multiplied))
  writeFileSync(file(), new Uint8Array(Float16Array.from(values, (x) => x * 0.1).buffer))
}

/** A convolution, whose weights the runtime lays out in blocks, and a product with a weight that it turns. */
function graph(name = 'small'): Graph {
  const made = new Graph(name)
  const at = (offset: number, shape: readonly number[]) => ({
    file: file(),
    dtype: 'float16' as const,
    shape,
    offset,
    length: 2 * count(shape),
  })
  const x = made.input('x', 'float32', [1, 32, 8, 8])
  const kernel = cast(made.weight('kernel', at(0, convolved)), 'float32')
  const matrix = cast(made.weight('matrix', at(2 * count(convolved), multiplied)), 'float32')
  const y = sigmoid(conv(x, kernel, undefined, { pads: [1, 1, 1, 1] }))
  made.output('y', matMul(reshape(y, [1, -1]), transpose(matrix, [1, 0])))
  return made
}

const feeds = { x: { shape: [1, 32, 8, 8], data: randomStream(3, 'x', 0).normal(32 * 64) } }
async function answer(name?: string): Promise<number[]> {
  await using session = await Session.create(graph(name), { threads: 1 })
  const { y } = await session.run(feeds)
  await optimizedModelsKept()
  return [...(y?.data ?? [])]
}
async function plain(): Promise<number[]> {
  keepOptimizedModels(undefined)
  const bits = await answer()
  keep()
  return bits
}

test('the second session is read from the disk, here and in a thread, and answers with the same bits', async () => {
  const bits = await plain()
  expect(entries()).toEqual([])
  expect(await answer()).toEqual(bits)
  const [entry = '', ...more] = entries()
  expect(more).toEqual([])
  expect(readdirSync(join(cache(), entry)).sort()).toEqual(['entry.json', 'model.onnx', 'weights.bin'])
  const opened = vi.spyOn(ort.InferenceSession, 'create')
  expect(await answer()).toEqual(bits)
  expect(opened.mock.calls.map(([from]) => from as unknown)).toEqual([join(cache(), entry, 'model.onnx')])
  opened.mockRestore()
  await using thread = await SessionThread.open(sourceOf(graph()), { threads: 1 })
  expect([...((await thread.run(feeds)).y?.data ?? [])]).toEqual(bits)
  expect(entries()).toEqual([entry])
  expect(await new OptimizedModels({ folder: cache(), budget: 1 }).size()).toBeGreaterThan(4 * count(convolved))
  expect(told).toEqual([])
})

test.each([
  ['cut short', (at: string) => truncateSync(join(at, 'weights.bin'), 5000)],
  ['overwritten', (at: string) => writeFileSync(join(at, 'weights.bin'), new Uint8Array(readFileSync(join(at, 'weights.bin')).byteLength))],
  ['of a damaged graph', (at: string) => writeFileSync(join(at, 'model.onnx'), 'no graph')],
  ['without its weights', (at: string) => rmSync(join(at, 'weights.bin'))],
  ['with a manifest that is none', (at: string) => writeFileSync(join(at, 'entry.json'), '{"version": 2}')],
  [
    'of another graph',
    (at: string) => writeFileSync(join(at, 'entry.json'), readFileSync(join(at, 'entry.json'), 'utf8').replace(/"key":"./, '"key":"x')),
  ],
])('an entry %s is passed over and made anew', async (_, damage) => {
  const bits = await answer()
  const at = join(cache(), entries()[0] ?? '')
  damage(at)
  expect(await answer()).toEqual(bits)
  expect(await answer()).toEqual(bits)
  expect(JSON.parse(readFileSync(join(at, 'entry.json'), 'utf8'))).toMatchObject({ version: 1, name: 'small' })
  expect(told).toEqual([])
})

test('weights that changed, and another graph, have entries of their own; those not used for longest go first', async () => {
  const first = await answer()
  const [old = ''] = entries()
  writeWeights(2)
  expect(await answer()).not.toEqual(first)
  expect(entries()).toHaveLength(2)
  utimesSync(join(cache(), old, 'entry.json'), 1, 1)
  const models = new OptimizedModels({ folder: cache(), budget: 0 })
  // Room for two of three.
  const each = (await models.size()) / 2
  keep(2.5 * each)
  await answer('another')
  expect(entries()).toHaveLength(2)
  expect(entries()).not.toContain(old)
  await models.clear()
  expect(entries()).toEqual([])
})

test('one that another process writes is left to it, and one whose writer died is made anew', async () => {
  await answer()
  const at = join(cache(), entries()[0] ?? '')
  rmSync(join(at, 'entry.json'))
  writeFileSync(join(at, 'owner'), String(process.ppid))
  await answer()
  expect(existsSync(join(at, 'entry.json'))).toBe(false)
  writeFileSync(join(at, 'owner'), '2147483646')
  await answer()
  expect(existsSync(join(at, 'entry.json'))).toBe(true)
})

test('two sessions that open the same at once make one entry', async () => {
  const [a, b] = await Promise.all([answer(), answer()])
  expect(a).toEqual(b)
  expect(entries()).toHaveLength(1)
})

test('where nothing can be kept, that is told once, and sessions open as ever', async () => {
  const bits = await plain()
  writeFileSync(join(folder, 'taken'), '')
  keep(1e9, join(folder, 'taken', 'cache'))
  expect(await answer()).toEqual(bits)
  expect(await answer()).toEqual(bits)
  expect(told).toHaveLength(1)
  // Larger than all that may be kept: nothing is written.
  keep(100)
  expect(await answer()).toEqual(bits)
  expect(entries()).toEqual([])
  if (process.getuid?.() === 0) return
  keep()
  chmodSync(folder, 0o500)
  expect(await answer()).toEqual(bits)
  chmodSync(folder, 0o700)
  expect(told).toHaveLength(2)
})
