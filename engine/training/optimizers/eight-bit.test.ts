// Optimizers in 8 bits against bitsandbytes: recorded by build/reference/eight_bit.py.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { elementCount, relativeL2 } from '../../tensor/tensor.ts'
import type { Vector } from '../../tensor/vectors.ts'
import { dynamicMap, unsignedDynamicMap } from '../../weights/nf4/dynamic-map.ts'
import { adamw } from './adamw.ts'
import { adamw8bit } from './adamw-8bit.ts'
import { lion8bit } from './lion-8bit.ts'
import { BlockCodes, blockSize } from './block-codes.ts'
import type { Layout, OptimizerState } from './optimizer.ts'

interface Run {
  readonly options: Readonly<Record<string, number>>
  /** Every 97th number of each tensor after each step, and all of them after the last. */
  readonly some: readonly string[]
  readonly last: readonly string[]
  readonly states?: readonly Readonly<Record<string, string>>[]
}
type Runs = Readonly<Record<'adamw' | 'lion', Run>>
interface Recorded {
  readonly shapes: readonly (readonly number[])[]
  readonly maps: Readonly<Record<'signed' | 'unsigned', string>>
  readonly table: Runs
  readonly nearest: Runs
}

const recorded = JSON.parse(readFileSync(new URL('./fixtures/eight-bit.json', import.meta.url), 'utf8')) as Recorded
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer)
const joined = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]))

let size = 0
const placements = recorded.shapes.map((shape, k) => {
  const offset = size
  size += elementCount(shape)
  return { name: `w${k}`, shape, offset }
})
const layout: Layout = { placements, ranges: [{ from: 0, to: size, rate: 1 }] }

const numbers = (count: number, salt: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (((i * 7919 + salt * 104729) % 20011) - 10005) / 16384)
const gradient = (count: number, step: number, tensor: number, sizes: number): Float32Array =>
  numbers(count, step * 17 + tensor).map((x, i) => (i % 97 === 0 ? 0 : x * 2 ** -((i * 31 + tensor) % sizes)))
const start = joined(recorded.shapes.map((shape, k) => numbers(elementCount(shape), k)))
const gradientAt = (step: number, sizes = 11): Float32Array =>
  joined(recorded.shapes.map((shape, k) => gradient(elementCount(shape), step, k, sizes)))
const tensorsOf = (theta: Float32Array): Float32Array[] =>
  placements.map(({ shape, offset }) => theta.subarray(offset, offset + elementCount(shape)))

interface Told {
  /** Of gradients, each half of the one before. */
  readonly sizes?: number
  readonly each?: (step: number) => void
}
async function steps(state: OptimizerState, theta: Float32Array, lr: number, { sizes, each }: Told = {}) {
  for (let step = 1; step <= 30; step++) {
    await state.update(theta, gradientAt(step, sizes), { lr, step })
    each?.(step)
  }
}

test('the maps are those of the reference to the last bit', () => {
  expect(dynamicMap()).toEqual(floats(recorded.maps.signed))
  expect(unsignedDynamicMap()).toEqual(floats(recorded.maps.unsigned))
})

const kinds = { adamw: adamw8bit, lion: lion8bit }
test.each(['adamw', 'lion'] as const)('thirty updates of 8-bit %s with the nearest codes: the same codes and scales', async (name) => {
  const { options, some, last, states } = recorded.nearest[name]
  const optimizer = kinds[name]
  const theta = start.slice()
  const state = await optimizer.open(theta, layout, optimizer.options.parse(options) as never)
  const each = (step: number): void => {
    const seen = joined(tensorsOf(theta).map((tensor) => tensor.filter((_, i) => i % 97 === 0)))
    expect(relativeL2(seen, floats(some[step - 1] ?? ''))).toBeLessThan(1e-6)
  }
  await steps(state, theta, options.lr ?? NaN, { each })
  for (const [k, tensor] of tensorsOf(theta).entries()) expect(relativeL2(tensor, floats(last[k] ?? ''))).toBeLessThan(1e-6)
  const wanted = (key: string): number[] =>
    (states ?? []).flatMap((one) => (one[key] ? (key.endsWith('Codes') ? [...bytes(one[key])] : [...floats(one[key])]) : []))
  for (const key of Object.keys(state.vectors).filter((one) => /Codes|Scales/.test(one))) {
    const [kept, expected] = [[...(state.vectors[key] as Vector)], wanted(key)]
    expect(kept.length).toBe(expected.length)
    if (key.endsWith('Codes')) expect(kept.filter((code, i) => code !== expected[i]).length).toBe(0)
    else expect(relativeL2(kept, expected)).toBeLessThan(1e-6)
  }
})

test.each(['adamw', 'lion'] as const)(
  'thirty updates of 8-bit %s by the kernel for the CPU, where its table is fine enough for the gradients',
  async (name) => {
    const { options, last } = recorded.table[name]
    const optimizer = kinds[name]
    const theta = start.slice()
    await steps(await optimizer.open(theta, layout, optimizer.options.parse(options) as never), theta, options.lr ?? NaN, { sizes: 2 })
    expect(relativeL2(theta, joined(last.map(floats)))).toBeLessThan(1e-3)
  },
)

test('where every tensor is small it is AdamW, to the last bit', async () => {
  const [plain, packed] = [start.slice(), start.slice()]
  await steps(await adamw.open(plain, layout, adamw.options.parse({})), plain, 1e-3)
  const state = await adamw8bit.open(packed, layout, adamw8bit.options.parse({}))
  await steps(state, packed, 1e-3)
  expect(packed).toEqual(plain)
  expect(Object.keys(state.vectors)).toEqual(['m', 'v'])
})

test('a gradient that is not a number moves nothing, is forgotten, and leaves its block alone', async () => {
  const run = async (spoilt: number) => {
    const theta = start.slice()
    const state = await adamw8bit.open(theta, layout, adamw8bit.options.parse({ min8bitSize: 1024 }))
    const grads = gradientAt(1)
    grads[300] = spoilt
    await state.update(theta, grads, { lr: 1e-3, step: 1 })
    return { theta, state }
  }
  const [good, bad] = [await run(0), await run(NaN)]
  expect(bad.theta[300]).toBe(start[300])
  expect(bad.state.vectors).toEqual(good.state.vectors)
  expect(bad.theta.every((x, i) => i === 300 || x === good.theta[i])).toBe(true)
})

test('a number becomes the nearest of the levels of its block, the lower one half way; a block of zeros stays so', () => {
  for (const levels of [dynamicMap(), unsignedDynamicMap()]) {
    const map = new BlockCodes(levels)
    const middles = Float32Array.from(levels.subarray(1), (level, i) => Math.fround(level + (levels[i] ?? 0)) / 2)
    // What it finds codes by: no two bounds begin with the same half of their bits.
    expect(new Set([...new Uint32Array(middles.buffer)].map((one) => one >>> 16)).size).toBe(255)
    for (const values of [levels, middles, numbers(blockSize, 3).map(levels[0] === 0 ? Math.abs : (x) => x)]) {
      const block = new Float32Array(blockSize)
      block.set(values.subarray(0, blockSize - 1))
      block[blockSize - 1] = 1
      const [codes, back] = [new Uint8Array(blockSize), new Float32Array(blockSize)]
      const scale = map.write(block, blockSize, codes, 0)
      expect(scale).toBe(1)
      map.read(codes, 0, scale, blockSize, back)
      block.forEach((x, i) => {
        const nearest = levels.reduce((best, level) => (Math.abs(level - x) < Math.abs(best - x) ? level : best), levels[0] ?? 0)
        expect(Math.abs((back[i] ?? 0) - x)).toBeLessThanOrEqual(Math.abs(nearest - x) + 1e-7)
      })
    }
    const [codes, back] = [new Uint8Array(blockSize), new Float32Array(blockSize).fill(9)]
    expect(map.write(new Float32Array(blockSize), blockSize, codes, 0)).toBe(0)
    map.read(codes, 0, 0, blockSize, back)
    expect(back.every((x) => x === 0)).toBe(true)
  }
})
