import { expect, test } from 'vitest'
import type { PictureCache } from './prepare.ts'
import { seededRandom } from './random.ts'
import { drawRestyle, restylePicture, type Restyle } from './restyle.ts'
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
const style = (more: Partial<Restyle>): Restyle => ({ manner: 'outlined', phrase: '', width: 1, colour: ink, saturation: 1, ...more })
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
  for (let seed = 0; seed < 50; seed++) {
    const [outlined, drawn, other] = [0, 1, 2].map((form) => drawRestyle(seededRandom(seed), form)) as [Restyle, Restyle, Restyle]
    expect(outlined.phrase).toMatch(/^(bold |thin )?(\w+ )?outlined$/)
    expect(drawn.phrase).toMatch(/^(bold |thin )?(\w+ )?line drawn$/)
    expect(other.phrase).toMatch(/^(few coloured|\w+ tinted)$/)
    expect(drawRestyle(seededRandom(seed), 0)).toEqual(outlined)
  }
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
