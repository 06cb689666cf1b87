import { expect, test } from 'vitest'
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import type { BaseWeight } from '../adapters/term.ts'
import { PigmentError } from '../requests/error.ts'
import { randomStream } from '../tensor/philox.ts'
import { measure, type Measures } from './measure.ts'
import { clashReport } from './report.ts'

const [O, I] = [20, 16]
const paths = ['down.q', 'down.k', 'mid.q', 'up.q']
const text = 'layers.0.q'

const values = (name: string, seed: number, n: number, by = 1): Float32Array =>
  randomStream(seed, name, 0)
    .normal(n)
    .map((value) => value * by)
const lora = (path: string, seed: number, by: number, component: 'unet' | 'text_encoder' = 'unet'): AdapterModule => ({
  component,
  path,
  variant: 'lora',
  alpha: 2,
  tensors: {
    down: { shape: [2, I], data: values(`down/${path}`, seed, 2 * I) },
    up: { shape: [O, 2], data: values(`up/${path}`, seed, 2 * O, by) },
  },
})
const adapterOf = (modules: readonly AdapterModule[]): Adapter => ({ name: 'x', modules, metadata: {}, skipped: [] })
const adapter = (seed: number, by = 1): Adapter =>
  adapterOf([...paths.map((path) => lora(path, seed, by)), lora(text, seed, by, 'text_encoder')])

const shapeOnly: BaseWeight = {
  shape: [O, I],
  read: () => Promise.reject(new PigmentError('merge-needs-base', 'The base is not at hand.', {})),
}
const base = {
  weight: (_: string, path: string) => (path === 'unknown' ? undefined : shapeOnly),
  blockOf: (component: string, path: string) => (component !== 'unet' ? 'BASE' : { down: 'IN01', mid: 'M00' }[path.split('.')[0] ?? '']),
}
async function measured(adapters: readonly Adapter[]): Promise<Measures> {
  const run = measure(adapters, base)
  for (;;) {
    const { done, value } = await run.next()
    if (done) return value
  }
}
const named = (...weights: readonly number[]) => weights.map((weight, i) => ({ name: 'abc'[i] ?? '', weight }))

test('the same adapter twice: one direction, each disturbed by as much as it does itself', async () => {
  const report = clashReport(named(1, 1), await measured([adapter(1), adapter(1)]), 'base')
  const [pair] = report.pairs
  for (const value of [pair?.cosine, pair?.onFirst, pair?.onSecond, pair?.interference, pair?.inputs, pair?.outputs])
    expect(value).toBeCloseTo(1, 9)
  expect([pair?.shared, pair?.inputAngle, report.adapters[0]?.normShare]).toEqual([5, expect.closeTo(0, 4), 0.5])
  // Two of the same at half are one.
  expect(report.adapters.map(({ suggested }) => [suggested.weight, suggested.reason.code])).toEqual([
    [0.5, 'clash-together'],
    [0.5, 'clash-together'],
  ])
})

test('strengths need no new measuring: they scale what one does to the other, and their sign turns the cosine', async () => {
  const measures = await measured([adapter(1), adapter(2)])
  const [plain, turned] = [named(1, 1), named(1, -0.5)].map((given) => clashReport(given, measures, 'base').pairs[0])
  expect(turned?.cosine).toBeCloseTo(-(plain?.cosine ?? NaN), 12)
  expect(turned?.onFirst).toBeCloseTo((plain?.onFirst ?? NaN) / 2, 12)
  expect(turned?.onSecond).toBeCloseTo((plain?.onSecond ?? NaN) * 2, 12)
  expect(turned?.inputs).toBeCloseTo(plain?.inputs ?? NaN, 12)
})

test('text encoders and blocks have strengths of their own; blocks stand in the order of the model', async () => {
  const measures = await measured([adapter(1), adapter(2)])
  const report = clashReport(
    [
      { name: 'a', weight: 1, textWeight: 0 },
      { name: 'b', weight: 1, blocks: { M00: 0 } },
    ],
    measures,
    'base',
  )
  expect(report.blocks.map(({ block, pairs }) => [block, pairs[0]?.shared])).toEqual([
    ['BASE', 0],
    ['IN01', 2],
    ['M00', 0],
    ['', 1],
  ])
  expect(report.blocks.map(({ shares }) => shares[0]).reduce((a = 0, b = 0) => a + b)).toBeCloseTo(1, 12)
  expect(report.layers.find(({ layer }) => layer === 'unet.mid.q')?.pairs).toEqual([null])
  expect(report.pairs[0]?.shared).toBe(3)
})

test('one that is much stronger gives way, one that meets nobody stays; signs stay', async () => {
  const apart = adapterOf([lora('alone.q', 3, 1)])
  const report = clashReport(named(-1, 1, 0.7), await measured([adapter(1, 6), adapter(2), apart]), 'base')
  const [strong, weak, alone] = report.adapters.map(({ suggested }) => suggested)
  expect([strong?.reason.code, alone]).toEqual([
    'clash-stronger',
    { weight: 0.7, reason: expect.objectContaining({ code: 'clash-alone' }) as unknown },
  ])
  expect([(strong?.weight ?? 0) < 0, Math.abs(strong?.weight ?? 1) < 0.7, (weak?.weight ?? 0) > 0.5]).toEqual([true, true, true])
  // At these it is done.
  const again = clashReport(named(strong?.weight ?? 0, weak?.weight ?? 0, 0.7), await measured([adapter(1, 6), adapter(2), apart]), 'base')
  expect(again.adapters[0]?.disturbed).toBeGreaterThan(report.adapters[0]?.disturbed ?? NaN)
  expect(again.adapters[1]?.disturbed).toBeLessThan(report.adapters[1]?.disturbed ?? NaN)
})

test('layers that need the base, shift alone or are not the base’s are left out, and the first two are counted', async () => {
  const dora: AdapterModule = { ...lora('down.q', 4, 1), variant: 'dora' }
  const withMagnitude = { ...dora, tensors: { ...dora.tensors, magnitude: { shape: [O, 1], data: new Float32Array(O).fill(1) } } }
  const strange = adapterOf([withMagnitude, lora('mid.q', 4, 1), lora('unknown', 4, 1)])
  const report = clashReport(named(1, 1), await measured([strange, adapter(1)]), 'base')
  expect(report.adapters[0]?.leftOut).toEqual([{ layers: 1, reason: expect.objectContaining({ code: 'clash-needs-base' }) as unknown }])
  expect([report.adapters[0]?.layers, report.pairs[0]?.shared]).toEqual([1, 1])
})

test('a long measuring stops where it is asked to', async () => {
  const many = adapterOf(Array.from({ length: 40 }, (_, i) => lora(`down.${i}`, 1, 1)))
  const stop = new AbortController()
  const run = measure([many, many], base, { signal: stop.signal })
  expect((await run.next()).value).toEqual({ done: 16, total: 40 })
  stop.abort()
  await expect(run.next()).rejects.toThrow()
})

test('an adapter and its opposite undo each other: that is the reason told, not that their strengths fit', async () => {
  const { adapters } = clashReport(named(1, -1), await measured([adapter(1), adapter(1)]), 'base')
  expect(adapters.map(({ suggested }) => [suggested.weight, suggested.reason.code, suggested.reason.facts.cosine])).toEqual([
    [1, 'clash-opposed', '-1.00'],
    [-1, 'clash-opposed', '-1.00'],
  ])
})
