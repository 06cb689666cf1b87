import { expect, test } from 'vitest'
import type { Adapter, AdapterModule } from '../adapters/adapter.ts'
import { addTerm, type BaseWeight } from '../adapters/term.ts'
import { loraModule, pairOf } from '../adapters/variants/lora.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { asLora, type AsLoraOptions } from './as-lora.ts'
import { layers, randomAdapter } from './testing.ts'

const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })
const base: AsLoraOptions['base'] = (component, path): BaseWeight => {
  const shape = layers[`${component}.${path}`] ?? []
  return { shape, read: () => Promise.resolve(random(`base ${path}`, shape)) }
}

async function converted(adapter: Adapter, options: Partial<AsLoraOptions> = {}) {
  const work = asLora(adapter, { base, ...options })
  for (;;) {
    const { done, value } = await work.next()
    if (done) return value
  }
}

/** ΔW at strength 1, through what stacks and folds ask. */
async function changeOf(module: AdapterModule): Promise<Float32Array> {
  const weight = await base(module.component, module.path)?.read()
  const data = weight?.data.slice() ?? new Float32Array()
  for (const term of await variantCalled(module.variant).terms(module, base(module.component, module.path) as BaseWeight))
    addTerm(data, weight as Tensor, term, 1)
  return data.map((value, i) => value - (weight?.data[i] ?? 0))
}

function dora(key: string, outputs: number): AdapterModule {
  const [module] = randomAdapter('pair', 2, 1, [key]).modules
  const ones = (layers[key] ?? []).slice(1).map(() => 1)
  const by = random(`m ${key}`, [outputs]).data.map((value) => Math.abs(value) + 2)
  return {
    ...(module as AdapterModule),
    variant: 'dora',
    tensors: { ...module?.tensors, magnitude: { shape: [outputs, ...ones], data: by } },
  }
}

test('a pair stays what it is, to the bit', async () => {
  const adapter = randomAdapter('style', 3, 1)
  const made = await converted(adapter)
  expect(made.adapter.modules).toEqual(adapter.modules)
  expect(made.report.error).toBeLessThan(1e-6)
})

test('DoRA becomes a pair of as many more ranks as asked for, and the error that is told is the error that there is', async () => {
  const adapter = { ...randomAdapter('style', 2, 1, []), modules: [dora('unet.wide', 6), dora('unet.conv', 8)] }
  for (const extraRank of [0, 1, 3]) {
    const { adapter: plain, report } = await converted(adapter, { extraRank })
    for (const [i, module] of plain.modules.entries()) {
      expect(module.variant).toBe('lora')
      expect(pairOf(module).down.shape[0]).toBe(2 + extraRank)
      const expected = await changeOf(adapter.modules[i] as AdapterModule)
      expect(relativeL2(await changeOf(module), expected)).toBeCloseTo(report.byLayer[i]?.error ?? NaN, 4)
    }
  }
  const whole = await converted(adapter, { energy: 1 })
  expect(whole.report.error).toBeLessThan(1e-5)
  expect(await changeOf(whole.adapter.modules[1] as AdapterModule)).toHaveLength(8 * 5 * 9)
})

test('an energy takes the least ranks that keep it, and a rank is the most', async () => {
  const delta = random('delta', [12, 10])
  const full: AdapterModule = { component: 'unet', path: 'a', variant: 'full', tensors: { delta }, alpha: 1 }
  const adapter = { ...randomAdapter('style', 2, 1, []), modules: [full] }
  const half = await converted(adapter, { energy: 0.5 })
  expect(half.report.energy).toBeGreaterThanOrEqual(0.5)
  expect(half.report.error).toBeCloseTo(Math.sqrt(1 - half.report.energy), 5)
  const rank = half.report.largestRank
  expect((await converted(adapter, { rank: rank - 1 })).report.energy).toBeLessThan(0.5)
  expect((await converted(adapter, { rank: 2, energy: 0.99 })).report.largestRank).toBe(2)
})

test('what no LoRA holds is told, and alone refused', async () => {
  const bias: AdapterModule = {
    ...{ component: 'unet', path: 'a', variant: 'bias', alpha: 1 },
    tensors: { biasDelta: random('bias', [12]) },
  }
  const beside = loraModule({ component: 'unet', path: 'a' }, pairOf(randomAdapter('style', 2, 1, ['unet.a']).modules[0] as AdapterModule))
  const made = await converted({ ...randomAdapter('style', 2, 1, []), modules: [beside, bias] })
  expect(made.adapter.modules).toEqual([beside])
  expect(made.report.leftOut).toEqual([{ layer: 'unet.a', reason: expect.stringContaining('bias') as unknown }])
  await expect(converted({ ...made.adapter, modules: [bias] })).rejects.toMatchObject({ code: 'adapter-no-lora' })
})
