// The small factors against ΔW itself, taken apart whole.
import { expect, test } from 'vitest'
import { matrixOf, squaredNorm, timesColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts'
import { product, timesTransposed } from '../linear-algebra/product.ts'
import { svd } from '../linear-algebra/svd.ts'
import { GramSession } from '../runtime/gram-session.ts'
import { randomStream } from '../tensor/philox.ts'
import type { Term } from '../adapters/term.ts'
import { meanAfterNorm, normBefore } from './mean-input.ts'
import { layerFactors, type LayerFactors } from './factors.ts'
import { measureLayer, type Gram } from './measure-layer.ts'

const shape = [24, 18] as const
const random = (rows: number, columns: number, seed: number) => ({
  shape: [rows, columns],
  data: randomStream(seed, 'layer', 0).normal(rows * columns),
})
const pair = (rank: number, seed: number, alpha = rank): Term => ({
  kind: 'low-rank',
  up: random(shape[0], rank, seed),
  down: random(rank, shape[1], seed + 100),
  alpha,
})
const base = { shape, read: () => Promise.resolve(random(...shape, 9)) }
const factorsOf = async (...terms: readonly Term[]): Promise<LayerFactors> => (await layerFactors(terms, base)) as LayerFactors
const whole = ({ up, down }: LayerFactors): Matrix => product(transpose(up), down)
const norm = (a: Matrix): number => Math.sqrt(squaredNorm(a))

/** The first singular vectors that hold 99 %. */
function spaces(delta: Matrix): { readonly u: Matrix; readonly v: Matrix } {
  const { u, s, v } = svd(delta)
  const total = s.reduce((sum, value) => sum + value ** 2, 0)
  let [kept, sum] = [0, 0]
  while (sum < 0.99 * total) sum += (s[kept++] ?? 0) ** 2
  const mask = Float64Array.from(s, (_, i) => Number(i < kept))
  return { u: timesColumns(u, mask), v: timesColumns(v, mask) }
}
const cosines = (a: Matrix, b: Matrix): Float64Array => svd(product(transpose(a), b)).s.filter((value) => value > 1e-12)

test('cosine, norms, answers and principal angles are those of the whole ΔW, for unequal ranks and scales', async () => {
  const [a, b] = [await factorsOf(pair(4, 1, 2)), await factorsOf(pair(7, 2), pair(1, 3, -3))]
  const { shares, meetings } = await measureLayer([
    [0, a],
    [3, b],
  ])
  const [A, B] = [whole(a), whole(b)]
  for (const [i, delta] of [A, B].entries()) {
    const { s } = svd(delta)
    expect(shares[i]?.energy).toBeCloseTo(squaredNorm(delta), 8)
    expect(shares[i]?.peak).toBeCloseTo(s[0] ?? NaN, 8)
    expect(shares[i]?.answer).toBeCloseTo(norm(timesTransposed(delta, delta)), 7)
  }
  const [meeting] = meetings
  expect([meetings.length, meeting?.a, meeting?.b]).toEqual([1, 0, 3])
  expect(meeting?.inner).toBeCloseTo(
    Float64Array.from(A.data).reduce((sum, value, i) => sum + value * (B.data[i] ?? 0), 0),
    8,
  )
  expect(meeting?.inputs).toBeCloseTo(norm(timesTransposed(A, B)), 7)
  expect(meeting?.outputs).toBeCloseTo(norm(product(transpose(A), B)), 7)
  const [own, theirs] = [spaces(A), spaces(B)]
  for (const [angles, values] of [
    [meeting?.rows, cosines(own.v, theirs.v)],
    [meeting?.columns, cosines(own.u, theirs.u)],
  ] as const) {
    expect(angles?.largestCosine).toBeCloseTo(values[0] ?? NaN, 9)
    expect(angles?.overlap).toBeCloseTo(values.reduce((sum, value) => sum + value ** 2, 0) / values.length, 9)
  }
})

test('the same twice lies in itself; without full rank and with zeros nothing is undefined', async () => {
  const a = await factorsOf(pair(5, 4))
  const doubled = await factorsOf(pair(5, 4), pair(5, 4))
  const nothing = await factorsOf({ ...pair(3, 5), up: { shape: [24, 3], data: new Float32Array(72) } } as Term)
  const { shares, meetings } = await measureLayer([
    [0, a],
    [1, doubled],
    [2, nothing],
  ])
  expect(meetings[0]?.rows.overlap).toBeCloseTo(1, 9)
  expect(meetings[0]?.columns.largestCosine).toBeCloseTo(1, 9)
  expect((meetings[0]?.inner ?? 0) / Math.sqrt((shares[0]?.energy ?? 0) * (shares[1]?.energy ?? 0))).toBeCloseTo(1, 9)
  expect(meetings[0]?.inputs).toBeCloseTo(2 * (shares[0]?.answer ?? 0), 6)
  expect([shares[2]?.energy, meetings[1]?.inner, meetings[1]?.rows.overlap, meetings[2]?.inputs]).toEqual([0, 0, 0, 0])
})

test('gains and dense changes go in by the base, and what of them is left out is told', async () => {
  const gain: Term = { kind: 'gain', side: 'output', by: Float32Array.from({ length: 24 }, (_, i) => 1 + 0.01 * i) }
  const factors = await factorsOf(gain, pair(2, 6))
  const weight = await base.read()
  const delta = matrixOf({ shape: [...shape], data: weight.data.map((value, i) => value * 0.01 * Math.floor(i / 18)) })
  const low = whole(await factorsOf(pair(2, 6)))
  const expected = { ...delta, data: delta.data.map((value, i) => value + (low.data[i] ?? 0)) }
  const got = whole(factors)
  expect(norm({ ...got, data: got.data.map((value, i) => value - (expected.data[i] ?? 0)) }) / norm(expected)).toBeLessThan(1e-6)
  expect(factors.lost).toBeLessThan(1e-6)
  const large = { shape: [60, 50], read: base.read }
  const dense: Term = { kind: 'dense', delta: random(60, 50, 8) }
  const cut = await layerFactors([dense], large)
  expect(cut?.down.rows).toBe(32)
  expect(cut?.lost).toBeCloseTo(
    norm({ ...whole(cut as LayerFactors), data: whole(cut as LayerFactors).data.map((v, i) => v - (dense.delta.data[i] ?? 0)) }) /
      norm(matrixOf(dense.delta)),
    6,
  )
  expect(await layerFactors([{ kind: 'shift', by: new Float32Array(24) }], base)).toBeUndefined()
})

test('the runtime gives the same figures', async () => {
  await using runtime = await GramSession.open({ threads: 1 })
  const present = [[0, await factorsOf(pair(6, 11))] as const, [1, await factorsOf(pair(3, 12))] as const]
  let asked = 0
  const gram: Gram = (rows) => {
    asked++
    return runtime.gram(rows)
  }
  const [own, theirs] = [await measureLayer(present), await measureLayer(present, { gram })]
  expect(asked).toBe(2)
  expect(theirs.meetings[0]?.inner).toBeCloseTo(own.meetings[0]?.inner ?? NaN, 9)
  expect(theirs.meetings[0]?.rows.largestCosine).toBeCloseTo(own.meetings[0]?.rows.largestCosine ?? NaN, 9)
  expect(theirs.shares[1]?.peak).toBeCloseTo(own.shares[1]?.peak ?? NaN, 9)
})

test('what a change does to the mean input is that of the whole ΔW, each channel at every place of a window', async () => {
  const wide = { shape: [24, 2, 3, 3], read: base.read }
  const factors = (await layerFactors([pair(4, 1)], { ...wide, shape: [24, 18] })) as LayerFactors
  const mean = Float64Array.of(0.5, -2)
  const { shares } = await measureLayer([[0, factors]], { mean })
  const spread = { rows: 18, columns: 1, data: Float64Array.from({ length: 18 }, (_, k) => (k < 9 ? 0.5 : -2)) }
  expect(shares[0]?.steady).toBeCloseTo(norm(product(whole(factors), spread)), 8)
  expect((await measureLayer([[0, factors]])).shares[0]).not.toHaveProperty('steady')
})

test('the mean behind a norm and a SiLU is that of many draws, and only convolutions of resnets stand behind one', async () => {
  const norm = {
    shape: [2],
    read: () => Promise.resolve({ shape: [2], data: Float32Array.of(1.5, 0) }),
    bias: () => Promise.resolve({ shape: [2], data: Float32Array.of(-0.3, 2) }),
  }
  const drawn = randomStream(3, 'z', 0)
    .normal(200_000)
    .map((z) => (1.5 * z - 0.3) / (1 + Math.exp(-(1.5 * z - 0.3))))
  const [some, none] = (await meanAfterNorm(norm)) ?? []
  expect(some).toBeCloseTo(
    drawn.reduce((sum, value) => sum + value / drawn.length, 0),
    2,
  )
  expect(none).toBeCloseTo(2 / (1 + Math.exp(-2)), 6)
  expect(normBefore('unet', 'down_blocks.0.resnets.1.conv2')).toBe('down_blocks.0.resnets.1.norm2')
  expect([
    normBefore('unet', 'down_blocks.0.attentions.0.proj_in'),
    normBefore('unet', 'conv_in'),
    normBefore('text_encoder', 'resnets.0.conv1'),
  ]).toEqual([undefined, undefined, undefined])
})
