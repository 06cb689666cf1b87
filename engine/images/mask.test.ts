import { expect, test } from 'vitest'
import { maskCells, readMask, hasAlpha, type Mask } from './mask.ts'
import sharp from './loaders.ts'

const mask = (width: number, height: number, value: (x: number, y: number) => number): Mask => ({
  ...{ width, height },
  data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
})

/** The same by a plain loop: so many points in each pixel of the resized mask, the nearest place of it each. */
function plain(
  { width, height, data }: Mask,
  resized: { width: number; height: number },
  bucket: { width: number; height: number },
  cell: number,
) {
  const points = 12
  const [left, top] = [(resized.width - bucket.width) >> 1, (resized.height - bucket.height) >> 1]
  const cells: number[] = []
  for (let j = 0; j < bucket.height / cell; j++)
    for (let i = 0; i < bucket.width / cell; i++) {
      let sum = 0
      for (let py = 0; py < cell * points; py++)
        for (let px = 0; px < cell * points; px++) {
          const x = Math.floor(((left + i * cell + (px + 0.5) / points) * width) / resized.width)
          const y = Math.floor(((top + j * cell + (py + 0.5) / points) * height) / resized.height)
          sum += (data[y * width + x] ?? 0) / 255
        }
      cells.push(sum / (cell * points) ** 2)
    }
  return cells
}

test.each([
  ['as large', 16, 8, { width: 16, height: 8 }],
  ['larger', 30, 18, { width: 20, height: 12 }],
  ['smaller', 5, 3, { width: 20, height: 12 }],
])('a mask %s than its bucket falls on the cells by area, and is cut as its picture is', (_, width, height, resized) => {
  const one = mask(width, height, (x, y) => (x * 37 + y * 91) % 256)
  const bucket = { width: 16, height: 8 }
  const found = maskCells(one, { bucket, resized }, 4)
  const expected = plain(one, resized, bucket, 4)
  expect(found).toHaveLength(8)
  for (const [i, value] of found.entries()) expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(0.004)
})

test('of a file either its transparency or its first channel is the mask; one without transparency is opaque', async () => {
  const rgba = Uint8Array.from([10, 20, 30, 40, 50, 60, 70, 80])
  const png = await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
    .png()
    .toBuffer()
  const opaque = await sharp(rgba.slice(0, 6), { raw: { width: 2, height: 1, channels: 3 } })
    .png()
    .toBuffer()
  expect([await hasAlpha(png, 'a.png'), await hasAlpha(opaque, 'b.png')]).toEqual([true, false])
  expect([...(await readMask(png, 'a.png', 'alpha')).data]).toEqual([40, 80])
  expect([...(await readMask(png, 'a.png', 'first')).data]).toEqual([10, 50])
  expect([...(await readMask(opaque, 'b.png', 'alpha')).data]).toEqual([255, 255])
})
