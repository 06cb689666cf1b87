import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { dynamicMap } from './dynamic-map.ts'
import { dequantise, nf4Levels, quantise, quantiseScales, scalesOf } from './quantise.ts'

interface Case {
  readonly count: number
  readonly codes: string
  readonly absmax: string
  readonly offset: number
  readonly nested: string
  readonly absmax2: string
  readonly scales: string
  readonly sum: number
  readonly first: string
}
interface Recorded {
  readonly code: string
  readonly map: string
  readonly cases: Readonly<Record<'many' | 'odd' | 'one' | 'ties' | 'short' | 'past' | 'nested' | 'tiny', Case>>
}

// build/reference/nf4.py
const recorded = JSON.parse(readFileSync(new URL('./fixtures/nf4.json', import.meta.url), 'utf8')) as Recorded
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer as ArrayBuffer)

/** The same numbers as `spread` of the recording: each block has a scale of its own, one is all zeros. */
const spread = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => {
    const block = Math.floor(i / 64)
    return block === 3 ? 0 : (((i * 7919 + block * 13) % 4099) / 2048 - 1) * (0.02 + ((block * 37) % 101) / 300)
  })

/** Every midpoint of two codes and its neighbours. */
function ties(): Float32Array {
  const code = floats(recorded.code)
  const middle = Float32Array.from({ length: 15 }, (_, i) => Math.fround((code[i] ?? 0) + (code[i + 1] ?? 0)) / 2)
  const next = (x: number, up: boolean): number => {
    const bits = new Int32Array(Float32Array.of(x).buffer)
    bits[0] = (bits[0] ?? 0) + (x > 0 === up ? 1 : -1)
    return new Float32Array(bits.buffer)[0] ?? 0
  }
  const near = [...middle, ...middle.map((x) => next(x, true)), ...middle.map((x) => next(x, false)), ...code]
  return Float32Array.from([...near, ...Array.from({ length: 64 - (near.length % 64) }, () => 1)])
}

/** Zeros of either sign, denormals, numbers about the least divisor, and the largest. */
const tiny = (): Float32Array =>
  Float32Array.from(
    [0, -0, 1e-40, 9e-39, 1.1e-38, 1e-30, 3e38].flatMap((size) => Array.from({ length: 64 }, (_, i) => size * (size ? (i - 31) / 32 : 1))),
  )

test('the levels are those of bitsandbytes, bit for bit', () => {
  expect(nf4Levels).toEqual(floats(recorded.code))
  expect(dynamicMap()).toEqual(floats(recorded.map))
})

describe.each([
  ['many', spread(64 * 300)],
  ['odd', spread(64 * 5 + 17)],
  ['one', spread(1)],
  ['ties', ties()],
  ['short', spread(63)],
  ['past', spread(65)],
  ['nested', spread(64 * 257 + 1)],
  ['tiny', tiny()],
] as const)('%s', (name, weights) => {
  const { count, codes, absmax, offset, nested, absmax2, scales, sum, first } = recorded.cases[name]

  test('codes and scales are equal', () => {
    expect(weights.length).toBe(count)
    const found = quantise(weights)
    expect(found.codes).toEqual(bytes(codes))
    expect(found.absmax).toEqual(floats(absmax))
  })

  test('so are the codes and constants of the scales, and what comes back', () => {
    const found = quantiseScales(floats(absmax), offset)
    expect(found).toEqual({ codes: bytes(nested), absmax: floats(absmax2), offset })
    expect(scalesOf(found)).toEqual(floats(scales))
    const back = dequantise({ codes: bytes(codes), absmax: floats(scales) }, count)
    expect(back.slice(0, 64)).toEqual(floats(first))
    expect(back.reduce((total, x) => total + Math.abs(x), 0)).toBeCloseTo(sum, 9)
  })

  test('the offset is the mean, to the last bit of fp32', () => {
    const own = quantiseScales(floats(absmax)).offset
    expect(Math.abs(own - offset)).toBeLessThanOrEqual(2 ** -23 * offset)
  })
})
