import { expect, test } from 'vitest'
import { seededRandom } from '../pretrain/data/random.ts'
import { addNoise, blur } from './degrade.ts'
import { psnr } from './psnr.ts'
import { topOne } from './retrieval.ts'

/** A disc, a bar or a cross: three shapes on white. */
function shape(kind: number): Uint8Array {
  const inside = (x: number, y: number): boolean => {
    if (kind === 0) return Math.hypot(x - 32, y - 32) < 20
    if (kind === 1) return Math.abs(y - 32) < 8 && Math.abs(x - 32) < 28
    return Math.abs(x - y) < 6 || Math.abs(x + y - 64) < 6
  }
  return Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (inside(Math.floor(i / 3) % 64, Math.floor(i / 192)) ? 40 : 255))
}

test('a noise of 10 levels costs 28 dB', () => {
  const grey = new Uint8Array(64 * 64 * 3).fill(128)
  expect(psnr(addNoise(grey, 10, seededRandom(1)), grey)).toBeCloseTo(28.1, 0)
  expect(psnr(grey, grey)).toBe(99)
})

test('a shape is found again through blur and noise', () => {
  const real = [0, 1, 2].map((kind) => ({ concept: `shape ${kind}`, rgb: shape(kind) }))
  const worn = real.map(({ concept, rgb }) => ({ concept, rgb: addNoise(blur(rgb, 1), 12, seededRandom(2)) }))
  expect(topOne(worn, real)).toBe(1)
})
