// The part of a weight that is kept apart in 16 bits: what it is worth, and that products and unpacked weights agree with what is packed.
import { expect, test } from 'vitest'
import { Graph } from '../../graph/graph.ts'
import '../../ops/index.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, relativeL2 } from '../../tensor/tensor.ts'
import type { PackedWeight, Packing } from '../codec.ts'
import { nf4 } from '../nf4.ts'

const [O, I] = [192, 64]
/** Small noise over four large directions, as trained weights have some. */
const weights = ((): Float32Array => {
  const normal = (name: string, count: number): Float32Array => randomStream(4, name, 0).normal(count)
  const [up, down, noise] = [normal('up', O * 4), normal('down', 4 * I), normal('noise', O * I)]
  return noise.map((x, at) => {
    const [i, j] = [Math.floor(at / I), at % I]
    return 0.02 * x + [0, 1, 2, 3].reduce((sum, k) => sum + 0.1 * (up[i * 4 + k] ?? 0) * (down[k * I + j] ?? 0), 0)
  })
})()

const packingOf = (residualRank: number): Packing => nf4.packing?.({ residualRank }) as Packing
async function packed(packing: Packing, shape: readonly number[], size = Infinity): Promise<PackedWeight> {
  return await packing.pack({
    shape,
    pieces: async function* () {
      for (let at = 0; at < weights.length; at += size) yield await Promise.resolve(weights.slice(at, at + size))
    },
  })
}

/** What comes back of the weight, and its product with some x. */
async function found(residualRank: number, shape: readonly number[]) {
  const packing = packingOf(residualRank)
  const parts = await packed(packing, shape)
  const graph = new Graph('product')
  const values = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, graph.held(name, part)]))
  const frozen = packing.frozen(values, shape)
  const x = graph.input('x', 'float32', ['N', I])
  graph.output('weight', frozen.value(shape, x))
  graph.output('product', frozen.product(x))
  await using session = await Session.create(graph, { threads: 1 })
  const fed = randomStream(4, 'x', 0).normal(3 * I)
  const { weight, product } = await session.run({ x: { shape: [3, I], data: fed } })
  return { parts, fed, weight: weight?.data ?? new Float32Array(), product: product?.data ?? new Float32Array() }
}

test('holds the large directions, so that far less is lost', async () => {
  const [plain, helped] = [await found(0, [O, I]), await found(8, [O, I])]
  const [lost, left] = [relativeL2(plain.weight, weights), relativeL2(helped.weight, weights)]
  expect(lost).toBeGreaterThan(0.05)
  expect(left).toBeLessThan(lost / 5)
})

test.each([[[O, I]], [[O, 16, 2, 2]], [[O, I, 1, 1]]])('a weight of %j: products are those with what is unpacked', async (shape) => {
  const { parts, fed, weight, product } = await found(8, shape)
  const expected = Float32Array.from({ length: 3 * O }, (_, at) => {
    const [n, o] = [Math.floor(at / O), at % O]
    return fed.slice(n * I, (n + 1) * I).reduce((sum, x, i) => sum + x * (weight[o * I + i] ?? 0), 0)
  })
  expect(relativeL2(product, expected)).toBeLessThan(1e-5)
  // As it was foretold.
  const outline = packingOf(8).outline(shape)
  const facts = (all: PackedWeight) => Object.entries(all).map(([name, part]) => [name, part.dtype, part.shape])
  expect(facts(parts)).toEqual(facts(outline))
  for (const { bytes, dtype, shape: sides } of Object.values(parts))
    expect(bytes.length).toBe(elementCount(sides) * (dtype === 'uint8' ? 1 : dtype === 'float16' ? 2 : 4))
})

test.each([0, 8])('in pieces a weight is packed to the same bits as whole; residual rank %d', async (rank) => {
  const [whole, pieces] = [await packed(packingOf(rank), [O, I]), await packed(packingOf(rank), [O, I], 640)]
  expect(pieces).toEqual(whole)
})

test('a rank above the sides is cut to them', async () => {
  expect(packingOf(100).outline([64, 32]).up?.shape).toEqual([64, 32])
  expect(relativeL2((await found(100, [O, I])).weight, weights)).toBeLessThan(1e-3)
})
