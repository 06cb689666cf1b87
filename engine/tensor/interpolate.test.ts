import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { interpolated, type Interpolation } from './interpolate.ts'

interface Recorded {
  readonly shape: readonly [number, number, number, number]
  readonly data: readonly number[]
  readonly cases: readonly { readonly mode: Interpolation; readonly size: readonly [number, number]; readonly out: readonly number[] }[]
}
const { shape, data, cases } = JSON.parse(readFileSync(new URL('fixtures/interpolate.json', import.meta.url), 'utf8')) as Recorded

test.each(cases)('$mode to $size: as torch', ({ mode, size, out }) => {
  const got = interpolated(Float32Array.from(data), [shape[2], shape[3]], size, mode)
  expect(got.length).toBe(out.length)
  got.forEach((value, i) => expect(Math.abs(value - (out[i] ?? NaN))).toBeLessThan(2e-6))
})
