import { expect, test } from 'vitest'
import type { PictureCache } from './prepare.ts'
import { seededRandom } from './random.ts'
import { drawRestyle, restyledForms, restylePicture, type Restyle } from './restyle.ts'
import { drawVariants, forms, trainingVariants } from './variants.ts'

const size = 32
/** A red square in the middle of white, its lower half darker. */
const square = (() => {
  const rgb = new Uint8Array(size * size * 3).fill(255)
  const alpha = new Uint8Array(size * size)
  for (let y = 8; y < 24; y++)
    for (let x = 8; x < 24; x++) {
      rgb.set(y < 16 ? [240, 80, 60] : [30, 10, 10], (y * size + x) * 3)
      alpha[y * size + x] = 255
    }
  return { rgb, alpha }
})()
const ink = [20, 20, 20] as const
const placing = { scale: [1, 1], shift: [0, 0], turn: 0, mirror: false } as const
const style = (more: Partial<Restyle>): Restyle => ({
  ...{ manner: 'outlined', phrase: '', width: 1, colour: ink, saturation: 1, pale: 0, dark: 70, placing },
  ...more,
})
const at = (rgb: Uint8Array, x: number, y: number): number[] => [...rgb.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)]

test('an outline is dark, around what is drawn, and leaves colours and background alone', () => {
  const rgb = restylePicture(square, style({}), size)
  expect(at(rgb, 2, 2)).toEqual([255, 255, 255])
  expect(at(rgb, 12, 12)).toEqual([240, 80, 60])
  const row = Array.from({ length: 8 }, (_, x) => Math.max(...at(rgb, 5 + x, 12)))
  expect(Math.min(...row)).toBeLessThan(60)
})

test('a line drawing is white inside and filled where it was dark', () => {
  const rgb = restylePicture(square, style({ manner: 'drawn' }), size)
  expect(at(rgb, 15, 12)).toEqual([255, 255, 255])
  expect(at(rgb, 15, 20)).toEqual([...ink])
})

test('a tint keeps white white and brightness in order; few colours are few', () => {
  const tinted = restylePicture(square, style({ manner: 'tinted', colour: [0, 0, 200] }), size)
  expect(at(tinted, 1, 1)).toEqual([255, 255, 255])
  expect(at(tinted, 12, 20)[0]).toBeLessThan(at(tinted, 12, 10)[0] ?? 0)
  const poster = restylePicture(square, style({ manner: 'poster' }), size)
  expect(new Set(poster)).toEqual(new Set([0, 85, 255]))
})

test('what was done is said, and the same seed does the same', () => {
  const said = [
    /^(pale |vivid )?(bold |thin )?(\w+ )?outlined$/,
    /^(bold |thin )?(\w+ )?line drawn$/,
    /^(few coloured|\w+ tinted)$/,
    /^(pale |vivid )?flat (bold |thin )?(\w+ )?outlined$/,
  ]
  for (let seed = 0; seed < 50; seed++) {
    const drawn = Array.from({ length: restyledForms }, (_, form) => drawRestyle(seededRandom(seed), form))
    said.forEach((pattern, form) => expect(drawn[form]?.phrase).toMatch(pattern))
    for (const { phrase } of drawn) expect(phrase).not.toBe('')
    expect(drawRestyle(seededRandom(seed), 0)).toEqual(drawn[0])
  }
})

test('a drawing is moved, turned and mirrored about the middle; mirrored only where that is safe', () => {
  const moved = (more: Partial<Restyle['placing']>) =>
    restylePicture(square, style({ manner: 'plain', placing: { ...placing, ...more } }), size)
  const still = moved({})
  expect(still).toEqual(square.rgb)
  expect(at(moved({ shift: [4, 0] }), 25, 12)).toEqual(at(still, 21, 12))
  expect(at(moved({ turn: Math.PI / 2 }), 10, 12)).toEqual([30, 10, 10])
  expect(at(moved({ scale: [0.5, 0.5] }), 10, 15)).toEqual([255, 255, 255])
  expect(moved({ mirror: true })).toEqual(still)
  const placings = Array.from({ length: 40 }, (_, seed) =>
    [3, 4].map((form) => drawRestyle(seededRandom(seed), form, seed % 2 === 0).placing),
  )
  expect(placings.flat().filter(({ mirror }) => mirror).length).toBeGreaterThan(10)
  expect(
    placings
      .filter((_, seed) => seed % 2 === 1)
      .flat()
      .every(({ mirror }) => !mirror),
  ).toBe(true)
})

test('flat fills have few colours; pale ones are brighter, vivid ones stronger', () => {
  // A ramp of reds where the square was even.
  const ramp = { ...square, rgb: square.rgb.map((value, i) => (value === 240 ? 200 + (Math.floor(i / 3) % size) : value)) }
  const inside = (more: Partial<Restyle>) => Array.from({ length: 8 }, (_, x) => at(restylePicture(ramp, style(more), size), 12 + x, 12)[0])
  expect(new Set(inside({})).size).toBe(8)
  expect(new Set(inside({ manner: 'flat' })).size).toBeLessThanOrEqual(2)
  const fill = (more: Partial<Restyle>) => at(restylePicture(square, style({ manner: 'plain', ...more }), size), 12, 12)
  expect(fill({ pale: 0.5 })).toEqual([248, 168, 158])
  const [red = 0, green = 0, blue = 0] = fill({ saturation: 1.5 })
  expect([red, green < 80, blue < 60]).toEqual([255, true, true])
})

test('a step draws its forms in the shares that are asked for', () => {
  const records = Array.from({ length: 4 }, (_, i) => ({
    style: 'noto',
    concept: `${i}`,
    family: `${i}`,
    keywords: [],
    mirror: true,
    split: 'train' as const,
  }))
  const variants = trainingVariants({ records, rgb: new Uint8Array(), alpha: new Uint8Array() } satisfies PictureCache)
  const drawn = drawVariants(variants.length, 4000, 1, 0, { plain: 0.6, restyled: 0.3 })
  const share = (of: (form: number) => boolean): number => drawn.filter((index) => of(index % forms)).length / drawn.length
  expect(share((form) => form === 0)).toBeCloseTo(0.6, 1)
  expect(drawn.filter((index) => variants[index]?.restyle).length / drawn.length).toBeCloseTo(0.3, 1)
  expect(new Set(drawn).size).toBe(variants.length)
})
