import { expect, test } from 'vitest'
import { isFarSize } from '../requests/far-size.ts'
import { cautions } from './cautions/index.ts'
import type { Looked } from './cautions/caution.ts'

const set = (count: number, caption: (n: number) => string, width = 512): Looked['pictures'] =>
  Array.from({ length: count }, (_, n) => ({ path: `${n}.png`, caption: caption(n), width, height: width }))
const wise: Looked = {
  pictures: set(12, (n) => `moss, thing ${n}`),
  side: 512,
  asked: { lr: 1e-4, usualRate: 1e-4, resolution: 512, warmup: 40, steps: 80 },
}
const said = (more: Partial<Looked>): string[] => cautions.flatMap((one) => one.look({ ...wise, ...more })?.code ?? [])

test('nothing is said of a set that is as it should be', () => {
  expect(said({})).toEqual([])
})

test.each<[string, Partial<Looked>]>([
  ['set-captions-unread', { pictures: set(12, (n) => `水墨风格 红苹果 ${n}`), trigger: 'ink' }],
  ['set-wide-commas', { pictures: set(12, (n) => `moss，thing ${n}`) }],
  ['set-no-trigger', { pictures: set(12, (n) => `a picture of thing${n}`) }],
  ['set-few-pictures', { pictures: set(9, () => 'moss') }],
  ['set-pictures-small', { pictures: set(12, () => 'moss', 256) }],
  ['set-pictures-large', { pictures: set(12, () => 'moss', 4200) }],
  ['set-rate-higher', { asked: { lr: 1e-3, usualRate: 1e-4 } }],
  ['set-rate-lower', { asked: { lr: 1e-5, usualRate: 1e-4 } }],
  ['set-warmup-long', { asked: { lr: 1e-4, usualRate: 1e-4, warmup: 41, steps: 60 } }],
  ['set-size-far', { asked: { lr: 1e-4, usualRate: 1e-4, resolution: 1024 }, pictures: set(12, () => 'moss', 1024) }],
])('%s is said, and nothing else', (code, more) => {
  expect(said(more)).toEqual([code])
})

test('a trigger that is given, or stands in the captions, is one', () => {
  const pictures = set(12, (n) => `a picture of thing${n}`)
  expect(said({ pictures, trigger: 'moss' })).toEqual([])
  expect(said({ pictures: pictures.map((one) => ({ ...one, caption: `[trigger] ${one.caption}` })) })).toEqual([])
})

test('a size is far from a model’s from twice and from half its side on', () => {
  const far = [256, 384, 512, 768, 1024].map((side) => isFarSize(512, side, side))
  expect(far).toEqual([true, false, false, false, true])
  expect(isFarSize(512, 384, 768)).toBe(false)
})
