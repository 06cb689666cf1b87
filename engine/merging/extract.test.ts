import { expect, test } from 'vitest'
import { randomStream } from '../tensor/philox.ts'
import { relativeL2, type Tensor } from '../tensor/tensor.ts'
import { extractAdapter, type Extracted, type ExtractInput } from './extract.ts'
import { changeOf, layers, randomAdapter } from './testing.ts'

const adapter = randomAdapter('a', 3, 5, ['unet.a', 'unet.conv'])
const shapes = new Map(Object.entries(layers))
const before = (key: string): Tensor => {
  const shape = layers[key] ?? []
  return { shape, data: randomStream(2, key, 0).normal(shape.reduce((n, side) => n * side, 1)) }
}
const after = (key: string): Tensor => {
  const change = changeOf(adapter, key)
  const { shape, data } = before(key)
  return { shape, data: data.map((value, i) => value + (change[i] ?? 0)) }
}
const read = (of: (key: string) => Tensor) => (component: string, path: string) => {
  const { shape, data } = of(`${component}.${path}`)
  return { shape, read: () => Promise.resolve({ shape, data: data.slice() }) }
}

async function extracted(given: Partial<ExtractInput> = {}): Promise<Extracted> {
  const work = extractAdapter({ shapes, tuned: read(after), base: read(before), leastDifference: 0, ...given })
  let turn = await work.next()
  while (!turn.done) turn = await work.next()
  return turn.value
}

test('what was merged into a model is found again, in the layers that differ alone and in no more rank than it has', async () => {
  const { modules, same, report } = await extracted({ energy: 0.999999 })
  expect(modules.map(({ path }) => path)).toEqual(['a', 'conv'])
  expect(same).toBe(2)
  expect(report).toMatchObject({ layers: 2, largestRank: 3 })
  for (const key of ['unet.a', 'unet.conv']) expect(relativeL2(changeOf({ modules }, key), changeOf(adapter, key))).toBeLessThan(1e-4)
})

test('a lower rank keeps the strongest, and its error is told', async () => {
  const { modules, report } = await extracted({ rank: 1 })
  for (const { layer, rank, error } of report.byLayer) {
    expect(rank).toBe(1)
    expect(error).toBeCloseTo(relativeL2(changeOf({ modules }, layer), changeOf(adapter, layer)), 4)
  }
})

test('small differences can be taken for none; no difference at all, and broken numbers, are refused', async () => {
  await expect(extracted({ tuned: read(before) })).rejects.toMatchObject({ code: 'extract-nothing' })
  await expect(extracted({ leastDifference: 1000 })).rejects.toMatchObject({ code: 'extract-nothing' })
  const broken = (key: string): Tensor => ({ ...after(key), data: after(key).data.map((value, i) => (i === 3 ? NaN : value)) })
  await expect(extracted({ tuned: read(broken) })).rejects.toMatchObject({ code: 'extract-not-finite', facts: { layer: 'unet.a' } })
})

test('layers of other shapes are told and left out', async () => {
  const wider = (key: string): Tensor => (key === 'unet.a' ? { shape: [12, 11], data: new Float32Array(132) } : after(key))
  const { modules, report } = await extracted({ tuned: read(wider) })
  expect(modules.map(({ path }) => path)).toEqual(['conv'])
  expect(report.leftOut).toEqual([{ layer: 'unet.a', reason: 'The checkpoints have other shapes there.' }])
})
