import { expect, test } from 'vitest'
import { relativeL2 } from '../tensor/tensor.ts'
import { moduleRank } from '../adapters/variants/variant.ts'
import { concat } from './methods/concat.ts'
import { linear } from './methods/linear.ts'
import { svd } from './methods/svd.ts'
import { changeOf, entry, layers, merged, randomAdapter } from './testing.ts'

const [a, b] = [randomAdapter('a', 2, 1), randomAdapter('b', 3, 2)]
const keys = Object.keys(layers)

const sum = (key: string, wa: number, wb: number): Float64Array => {
  const other = changeOf(b, key)
  return changeOf(a, key).map((value, i) => wa * value + wb * (other[i] ?? 0))
}

test('side by side, adapters of unequal ranks are exactly their sum, in every kind of layer and with a strength of its own in text encoders', async () => {
  const { modules, report } = await merged(concat, [entry(a, 0.5, 0.25), entry(b, -2)])
  expect(modules.map(({ component, path }) => `${component}.${path}`)).toEqual(keys)
  for (const key of keys) {
    const expected = sum(key, key.startsWith('text') ? 0.25 : 0.5, -2)
    expect(relativeL2(changeOf({ modules }, key), expected), key).toBeLessThan(1e-6)
  }
  expect(modules.map(moduleRank)).toEqual([5, 5, 5, 5])
  expect(report).toMatchObject({ layers: 4, sharedLayers: 4, leastRank: 5, largestRank: 5, energy: 1 })
  expect(report.error).toBeLessThan(1e-6)
})

test('concatenating one adapter gives its own numbers', async () => {
  const { modules } = await merged(concat, [entry(a)])
  for (const [i, module] of modules.entries()) {
    expect(module.tensors.down).toEqual(a.modules[i]?.tensors.down)
    expect(relativeL2(changeOf({ modules }, keys[i] ?? ''), changeOf(a, keys[i] ?? ''))).toBeLessThan(1e-7)
  }
})

test('a weighted sum has no more rank than it needs, and its mean is the sum over the strengths', async () => {
  const twice = await merged(linear, [entry(a, 1), entry(a, 0.5)])
  expect(twice.modules.map(moduleRank)).toEqual([2, 2, 2, 2])
  for (const key of keys) expect(relativeL2(changeOf(twice, key), sum(key, 1.5, 0))).toBeLessThan(1e-5)
  const mean = await merged(linear, [entry(a, 3), entry(b, 1)], { options: { normalize: true } })
  for (const key of keys) expect(relativeL2(changeOf(mean, key), sum(key, 0.75, 0.25))).toBeLessThan(1e-5)
})

test('strengths that cancel leave nothing, and that is said', async () => {
  await expect(merged(linear, [entry(a, 1), entry(a, -1)])).rejects.toMatchObject({ code: 'merge-empty' })
})

test('SVD to a rank keeps the best, and its error, share of energy and norm are those of what it writes', async () => {
  const { modules, report } = await merged(svd, [entry(a), entry(b)])
  expect(modules.map(moduleRank)).toEqual([3, 3, 3, 3])
  for (const { layer, error, energy, norm, sumNorm, spectrum } of report.byLayer) {
    const [exact, got] = [sum(layer, 1, 1), changeOf({ modules }, layer)]
    expect(error).toBeCloseTo(relativeL2(got, exact), 5)
    expect(energy).toBeCloseTo(1 - error ** 2, 5)
    const tail = spectrum.slice(3).reduce((all, s) => all + s * s, 0)
    expect(error).toBeCloseTo(Math.sqrt(tail) / sumNorm, 5)
    expect(norm).toBeCloseTo(Math.sqrt(got.reduce((all, value) => all + value * value, 0)), 4)
  }
})

test('a share of energy is kept, by the least rank that keeps it', async () => {
  const { report } = await merged(svd, [entry(a), entry(b)], { energy: 0.8 })
  for (const { rank, energy, spectrum, norm } of report.byLayer) {
    expect(energy).toBeGreaterThanOrEqual(0.8)
    const before = spectrum.slice(0, rank - 1).reduce((all, s) => all + s * s, 0)
    expect(before).toBeLessThan((0.8 * norm ** 2) / energy)
  }
})

test('blocks have strengths of their own, and a layer of strength 0 is not there', async () => {
  const blockOf = (path: string): string => (path === 'a' ? 'IN01' : 'OUT03')
  const stack = [entry(a), { ...entry(b), blocks: { IN01: 0.5, OUT03: 0 } }]
  const { modules, report } = await merged(concat, stack, { blockOf })
  expect(relativeL2(changeOf({ modules }, 'unet.a'), sum('unet.a', 1, 0.5))).toBeLessThan(1e-6)
  expect(relativeL2(changeOf({ modules }, 'unet.wide'), sum('unet.wide', 1, 0))).toBeLessThan(1e-6)
  expect(report.sharedLayers).toBe(2)
})

test('what cannot be merged is refused with its reason', async () => {
  const code = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      (error: { code?: string }) => error.code,
    )
  expect(await code(merged(linear, [entry(a, 0), entry(b, 0)]))).toBe('merge-weights-zero')
  expect(await code(merged(concat, [entry(a), entry(b)], { rank: 4 }))).toBe('merge-rank-kept')
  expect(await code(merged(concat, [entry(a, 1e39), entry(b)]))).toBe('merge-not-finite')
  const apart = [randomAdapter('only', 2, 3, ['unet.a']), randomAdapter('other', 2, 4, ['unet.conv'])]
  expect(
    await code(
      merged(
        linear,
        apart.map((adapter) => entry(adapter)),
      ),
    ),
  ).toBe('merge-nothing-common')
})

test('biases, norms and embeddings stand in the result beside the pairs, in text encoders too', async () => {
  const on = (path: string, variant: string, role: string, shape: readonly number[]) => {
    const data = new Float32Array(shape.reduce((x, y) => x * y, 1)).fill(0.1)
    return { component: 'text_encoder', path, variant, tensors: { [role]: { shape, data } }, alpha: 1 } as const
  }
  const table = 'text_model.embeddings.position_embedding'
  const whole = {
    ...a,
    modules: [
      ...a.modules,
      on('norm', 'full', 'normDelta', [8]),
      on('norm', 'bias', 'normBiasDelta', [8]),
      on('q', 'bias', 'biasDelta', [9]),
      on(table, 'full', 'delta', [7, 9]),
    ],
  }
  const shapes: Readonly<Record<string, readonly number[]>> = { ...layers, 'text_encoder.norm': [8], [`text_encoder.${table}`]: [7, 9] }
  const { modules, report } = await merged(concat, [entry(whole), entry(b)], {
    base: (component, path) => ({
      shape: shapes[`${component}.${path}`] ?? [],
      read: () => Promise.reject(new Error('The base is not asked here.')),
    }),
  })
  expect(modules.filter(({ variant }) => variant === 'lora')).toHaveLength(Object.keys(layers).length)
  const added = modules.filter(({ variant }) => variant !== 'lora')
  expect(added.map(({ path, variant, tensors }) => [path, variant, ...Object.keys(tensors)])).toEqual([
    ['q', 'bias', 'biasDelta'],
    ['norm', 'bias', 'normBiasDelta'],
    ['norm', 'full', 'normDelta'],
    [table, 'full', 'delta'],
  ])
  for (const { tensors } of added) for (const { data } of Object.values(tensors)) expect(data).toEqual(data.map(() => 0.1))
  expect(report).toMatchObject({ summed: 4, leftOut: [] })
})

test('it stops when it is asked to', async () => {
  const controller = new AbortController()
  const work = merged(linear, [entry(a), entry(b)], { signal: controller.signal })
  controller.abort()
  await expect(work).rejects.toMatchObject({ name: 'AbortError' })
})

test('changes of biases, norms and embeddings are added up with their strengths, whatever the method', async () => {
  const values = (...given: number[]) => ({ shape: [given.length], data: Float32Array.from(given) })
  const on = (path: string, variant: string, tensors: Record<string, ReturnType<typeof values>>) =>
    ({ component: 'unet', path, variant, tensors, alpha: 1 }) as const
  const shift = values(...Array.from({ length: 12 }, (_, i) => i))
  const with12 = { ...a, modules: [...a.modules, on('a', 'bias', { biasDelta: shift })] }
  const normed = (by: number) => on('norm', 'full', { normDelta: values(...Array.from({ length: 7 }, (_, i) => by * i)) })
  const one = { ...with12, modules: [...with12.modules, normed(1)] }
  const other = { ...b, modules: [...b.modules, normed(10), on('norm', 'bias', { normBiasDelta: values(1, 2, 3, 4, 5, 6, 7) })] }
  const { modules, report } = await merged(svd, [entry(one, 0.5), entry(other, 2)])
  const added = modules.filter(({ variant }) => variant !== 'lora')
  expect(added.map(({ path, variant, tensors }) => [path, variant, ...Object.values(tensors).map(({ data }) => [...data])])).toEqual([
    ['a', 'bias', Array.from({ length: 12 }, (_, i) => i / 2)],
    ['norm', 'bias', [2, 4, 6, 8, 10, 12, 14]],
    ['norm', 'full', Array.from({ length: 7 }, (_, i) => 20.5 * i)],
  ])
  expect(report).toMatchObject({ summed: 3, layers: 4, leftOut: [] })
})
