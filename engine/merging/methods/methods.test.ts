import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Adapter } from '../../adapters/adapter.ts'
import { dora } from '../../adapters/variants/dora.ts'
import { moduleRank } from '../../adapters/variants/variant.ts'
import { pairOf } from '../../adapters/variants/lora.ts'
import { addTerm } from '../../adapters/term.ts'
import { matrixOf, squaredNorm, type Matrix } from '../../linear-algebra/matrix.ts'
import { product, timesTransposed } from '../../linear-algebra/product.ts'
import { svd as singular } from '../../linear-algebra/svd.ts'
import { randomStream } from '../../tensor/philox.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { maskOf } from '../draw-mask.ts'
import { changeOf, entry, layers, merged, randomAdapter } from '../testing.ts'
import { dareLinear } from './dare-linear.ts'
import { dareTies } from './dare-ties.ts'
import { mergeMethods } from './index.ts'
import { isoC } from './iso-c.ts'
import { knots } from './knots.ts'
import { linear } from './linear.ts'
import { magnitude } from './magnitude.ts'
import { orthogonal } from './orthogonal.ts'
import { ties } from './ties.ts'
import { tsvM } from './tsv-m.ts'

const keys = Object.keys(layers)
const adapters = [randomAdapter('a', 2, 1), randomAdapter('b', 3, 2), randomAdapter('c', 1, 3)]
const weights = [0.8, -0.5, 1.3]
const stack = adapters.map((adapter, i) => entry(adapter, weights[i]))
/** So that nothing is cut off: what is compared is the method. */
const full = { rank: 64 }

/** Of every adapter, in fp32 as methods see them. */
const changes = (key: string): Float64Array[] => adapters.map((adapter) => changeOf(adapter, key))

function largest(values: Float64Array, density: number): Float64Array {
  const kept = [...values.keys()]
    .toSorted((i, j) => Math.abs(values[j] ?? 0) - Math.abs(values[i] ?? 0))
    .slice(0, Math.floor(density * values.length))
  return values.map((value, i) => (kept.includes(i) ? value : 0))
}

function vote(all: readonly Float64Array[], i: number, sign: 'total' | 'frequency'): number {
  const voices = all.map((one, k) => (one[i] ?? 0) * (weights[k] ?? 0))
  const sum = voices.reduce((total, voice) => total + (sign === 'total' ? voice : Math.sign(voice)), 0)
  const agreeing = voices.filter((voice) => voice !== 0 && voice > 0 === sum >= 0)
  return agreeing.reduce((total, voice) => total + voice, 0) / Math.max(1, agreeing.length)
}

test('TIES trims, elects by strength and averages, as a plain loop does', async () => {
  for (const sign of ['total', 'frequency'] as const) {
    const { modules } = await merged(ties, stack, { options: { density: 0.3, sign }, ...full })
    for (const key of keys) {
      const trimmed = changes(key).map((one) => largest(one, 0.3))
      const expected = Float64Array.from(trimmed[0] ?? [], (_, i) => vote(trimmed, i, sign))
      expect(relativeL2(changeOf({ modules }, key), expected), `${key} ${sign}`).toBeLessThan(1e-5)
    }
  }
})

test('TIES that drops nothing is the mean where all signs are equal', async () => {
  const one = adapters[0] as Adapter
  const { modules } = await merged(ties, [entry(one, 1), entry(one, 3)], { options: { density: 1 }, ...full })
  for (const key of keys)
    expect(
      relativeL2(
        changeOf({ modules }, key),
        changeOf(one, key).map((value) => 2 * value),
      ),
    ).toBeLessThan(1e-5)
})

test('DARE and magnitude pruning are what plain loops over the same masks give', async () => {
  for (const key of keys) {
    const [component, path] = [key.slice(0, key.indexOf('.')) as 'unet', key.slice(key.indexOf('.') + 1)]
    const keeps = maskOf(7, { component, path })
    const drawn = changes(key).map((one, source) => {
      const mask = keeps({ source } as Parameters<typeof keeps>[0], one.length, 0.4)
      return one.map((value, i) => (mask[i] ? value / 0.4 : 0))
    })
    const summedUp = (all: readonly Float64Array[]): Float64Array =>
      Float64Array.from(all[0] ?? [], (_, i) => all.reduce((sum, one, k) => sum + (weights[k] ?? 0) * (one[i] ?? 0), 0))
    const options = { rate: 0.6 }
    const [sum, elect, largestOnes] = [
      await merged(dareLinear, stack, { options, seed: 7, ...full }),
      await merged(dareTies, stack, { options, seed: 7, ...full }),
      await merged(magnitude, stack, { options: { density: 0.25 }, ...full }),
    ]
    expect(relativeL2(changeOf(sum, key), summedUp(drawn)), key).toBeLessThan(1e-5)
    const elected = Float64Array.from(drawn[0] ?? [], (_, i) => vote(drawn, i, 'total'))
    expect(relativeL2(changeOf(elect, key), elected), key).toBeLessThan(1e-5)
    expect(relativeL2(changeOf(largestOnes, key), summedUp(changes(key).map((one) => largest(one, 0.25)))), key).toBeLessThan(1e-5)
  }
})

test('a draw is of its seed, its adapter and its layer, and keeps the share that it is asked for', () => {
  const draw = (seed: number, source: number, path: string): Uint8Array =>
    maskOf(seed, { component: 'unet', path })({ source } as never, 100_000, 0.3)
  const first = draw(1, 0, 'a')
  expect(draw(1, 0, 'a')).toEqual(first)
  for (const other of [draw(2, 0, 'a'), draw(1, 1, 'a'), draw(1, 0, 'b')]) expect(other).not.toEqual(first)
  expect(Math.abs(first.reduce((sum, one) => sum + one, 0) / 100_000 - 0.3)).toBeLessThan(0.01)
  // Neither neighbours nor two adapters agree more often than chance has it: 0.3² + 0.7².
  const agreeing = (a: Uint8Array, b: Uint8Array): number => a.reduce((sum, one, i) => sum + (one === b[i] ? 1 : 0), 0) / a.length
  for (const other of [draw(1, 1, 'a'), draw(2, 0, 'a')]) expect(Math.abs(agreeing(first, other) - 0.58)).toBeLessThan(0.01)
  for (const by of [1, 2, 64, 1280]) expect(Math.abs(agreeing(first.slice(0, -by), first.slice(by)) - 0.58)).toBeLessThan(0.01)
})

const matrix = (result: Pick<Adapter, 'modules'>, key: string): Matrix => {
  const [rows = 0] = layers[key] ?? []
  const data = changeOf(result, key)
  return { rows, columns: data.length / rows, data }
}

test('Iso-C makes every direction as strong as their mean', async () => {
  const { modules } = await merged(isoC, stack)
  const before = await merged(linear, stack)
  for (const key of keys) {
    const [was, is] = [before, { modules }].map((result) => [...singular(matrix(result, key)).s].filter((s) => s > 1e-4))
    const mean = (was ?? []).reduce((sum, s) => sum + s, 0) / (was ?? []).length
    expect(is).toHaveLength((was ?? []).length)
    for (const s of is ?? []) expect(s).toBeCloseTo(mean, 3)
  }
})

test('TSV-M leaves alone what is apart already, and takes an adapter that is there twice for one', async () => {
  const one = adapters[1] as Adapter
  const twice = await merged(tsvM, [entry(one), entry(one)])
  for (const key of keys) expect(relativeL2(changeOf(twice, key), changeOf(one, key))).toBeLessThan(1e-5)
  // Their outputs and inputs are apart: the halves of each.
  const halves = [0, 1].map((half) => halfOf(adapters[half] as Adapter, half))
  const sum = await merged(
    linear,
    halves.map((adapter) => entry(adapter)),
  )
  const turned = await merged(
    tsvM,
    halves.map((adapter) => entry(adapter)),
  )
  for (const key of keys) expect(relativeL2(changeOf(turned, key), changeOf(sum, key))).toBeLessThan(1e-5)
})

/** Writes to one half of the outputs and reads one half of the inputs. */
function halfOf({ modules, ...rest }: Adapter, half: number): Adapter {
  const cut = ({ shape, data }: Tensor, along: 0 | 1): Tensor => {
    const { rows, columns } = matrixOf({ shape, data })
    const [size, of] = along === 0 ? [rows, (i: number) => Math.floor(i / columns)] : [columns, (i: number) => i % columns]
    return { shape, data: data.map((value, i) => (of(i) < Math.floor(size / 2) === (half === 0) ? value : 0)) }
  }
  const parts = modules.map((module) => {
    const { up, down } = pairOf(module)
    return { ...module, tensors: { up: cut(up, 0), down: cut(down, 1) } }
  })
  return { ...rest, modules: parts }
}

test('KnOTS of one adapter, and of adapters that agree and drop nothing, is their plain sum', async () => {
  const one = adapters[1] as Adapter
  const alone = await merged(knots, [entry(one, 0.7)], { options: { density: 1 } })
  for (const key of keys)
    expect(
      relativeL2(
        changeOf(alone, key),
        changeOf(one, key).map((value) => 0.7 * value),
      ),
    ).toBeLessThan(1e-5)
  const agreed = await merged(knots, [entry(one, 1), entry(one, 2)], { options: { density: 1, merging: 'sum' } })
  for (const key of keys)
    expect(
      relativeL2(
        changeOf(agreed, key),
        changeOf(one, key).map((value) => 3 * value),
      ),
    ).toBeLessThan(1e-5)
})

test('adapters kept apart do not meet on the side that was asked for, and the first may stay whole', async () => {
  const two = adapters.slice(0, 2).map((adapter) => entry(adapter))
  const [a, b] = adapters as [Adapter, Adapter]
  for (const side of ['output', 'input', 'both'] as const) {
    const both = await merged(orthogonal, two, { options: { side } })
    for (const key of keys) {
      const rests = [
        [a, b],
        [b, a],
      ].map(([own, other]) => {
        const { u, v, s } = singular(matrix(other as Adapter, key))
        const count = s.filter((value) => value > 1e-4).length
        const left = side === 'input' ? matrix(own as Adapter, key) : without(matrix(own as Adapter, key), u, count)
        return side === 'output' ? left : transposed(without(transposed(left), v, count))
      })
      const expected = rests[0]?.data.map((value, i) => value + (rests[1]?.data[i] ?? 0)) ?? []
      expect(
        norm({ ...matrix(both, key), data: changeOf(both, key).map((value, i) => value - (expected[i] ?? 0)) }),
        `${key} ${side}`,
      ).toBeLessThan(1e-4)
    }
    const first = await merged(orthogonal, two, { options: { side, order: 'first' } })
    for (const key of keys) {
      const rest = changeOf(first, key).map((value, i) => value - (changeOf(a, key)[i] ?? 0))
      const [own, left] = [matrix(a, key), { ...matrix(a, key), data: rest }]
      const meet = side === 'input' ? timesTransposed(left, own) : product(transposed(left), own)
      expect(norm(meet), `${key} ${side}`).toBeLessThan(1e-4 * norm(own) * Math.max(norm(left), 1))
    }
  }
})

/** A − Q·Qᵀ·A, Q the first columns of `u`, by plain loops. */
function without(a: Matrix, u: Matrix, count: number): Matrix {
  const data = Float64Array.from(a.data)
  for (let k = 0; k < count; k++)
    for (let j = 0; j < a.columns; j++) {
      let along = 0
      for (let i = 0; i < a.rows; i++) along += (u.data[i * u.columns + k] ?? 0) * (a.data[i * a.columns + j] ?? 0)
      for (let i = 0; i < a.rows; i++) data[i * a.columns + j] = (data[i * a.columns + j] ?? 0) - along * (u.data[i * u.columns + k] ?? 0)
    }
  return { ...a, data }
}

const transposed = ({ rows, columns, data }: Matrix): Matrix => ({
  rows: columns,
  columns: rows,
  data: Float64Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0),
})
const norm = (a: Matrix): number => Math.sqrt(squaredNorm(a))

test('adapters of other kinds are merged by what they do to the weight, the base’s own values asked where they matter', async () => {
  const weight = (key: string): Tensor => {
    const shape = layers[key] ?? []
    return { shape, data: randomStream(9, key, 0).normal(shape.reduce((a, b) => a * b, 1)) }
  }
  const plain = adapters[0] as Adapter
  const other: Adapter = {
    ...(adapters[1] as Adapter),
    modules: (adapters[1] as Adapter).modules.map((module) => {
      const [outputs = 0, , ...kernel] = layers[`${module.component}.${module.path}`] ?? []
      const magnitudes = {
        shape: [outputs, 1, ...kernel.map(() => 1)],
        data: randomStream(4, module.path, 0).normal(outputs).map(Math.abs),
      }
      return { ...module, variant: 'dora', tensors: { ...module.tensors, magnitude: magnitudes } }
    }),
  }
  const base = (component: string, path: string) => {
    const { shape, data } = weight(`${component}.${path}`)
    return { shape, read: () => Promise.resolve({ shape, data }) }
  }
  const result = await merged(linear, [entry(plain, 0.5), entry(other, 2)], { base, ...full })
  for (const module of other.modules) {
    const key = `${module.component}.${module.path}`
    const [component, path] = [module.component, module.path]
    const own = weight(key)
    const delta = new Float32Array(own.data.length)
    for (const term of await dora.terms(module, base(component, path))) addTerm(delta, own, term, 2)
    const expected = changeOf(plain, key).map((value, i) => 0.5 * value + (delta[i] ?? 0))
    expect(relativeL2(changeOf(result, key), expected), key).toBeLessThan(1e-5)
  }
})

test('every method gives a result of no more rank than its parts together, finite, and with figures that hold, for any ranks and strengths', async () => {
  const own = mergeMethods.filter(({ kind }) => kind !== 'peft')
  const strength = fc.integer({ min: -20, max: 20 }).filter((n) => n !== 0).map((n) => n / 10) // prettier-ignore
  const one = fc.record({ rank: fc.integer({ min: 1, max: 5 }), weight: strength, seed: fc.integer({ min: 1, max: 1000 }) })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...own), fc.array(one, { minLength: 1, maxLength: 4 }), async (method, sources) => {
      const all = sources.map(({ rank, weight, seed }, i) => entry(randomAdapter(String(i), rank, seed), weight))
      const { modules, report } = await merged(method, all).catch((error: { code?: string }) => {
        // Two draws may be the same adapter at opposite strengths.
        expect(error.code).toBe('merge-empty')
        return { modules: [], report: undefined }
      })
      const most = sources.reduce((sum, { rank }) => sum + rank, 0)
      for (const module of modules) expect(moduleRank(module)).toBeLessThanOrEqual(most)
      for (const { layer, norm: told, sumNorm, error } of report?.byLayer ?? []) {
        const got = changeOf({ modules }, layer)
        const length = Math.sqrt(got.reduce((sum, value) => sum + value * value, 0))
        expect(told).toBeCloseTo(length, 3)
        expect(error).toBeGreaterThanOrEqual(Math.abs(told - sumNorm) / Math.max(sumNorm, 1e-9) - 1e-3)
      }
    }),
    { numRuns: 60 },
  )
})
