import { expect, test } from 'vitest'
import { coverSize, flip, fromModelRange, toModelRange } from './model-range.ts'

const picture = { width: 4, height: 2, data: Uint8Array.from({ length: 24 }, (_, i) => i * 10) }

test('planes, range and back are exact', async () => {
  const values = await toModelRange(picture, picture)
  expect(values[0]).toBe(-1)
  expect(values[8]).toBeCloseTo(10 / 127.5 - 1, 6)
  expect(fromModelRange(values, picture)).toEqual(picture)
})

test('covering keeps the shape and cuts from the middle', async () => {
  expect(coverSize({ width: 300, height: 100 }, { width: 64, height: 64 })).toEqual({ width: 192, height: 64 })
  expect(coverSize({ width: 100, height: 300 }, { width: 64, height: 32 })).toEqual({ width: 64, height: 192 })
  const middle = await toModelRange(picture, { width: 2, height: 2 })
  expect(fromModelRange(middle, { width: 2, height: 2 }).data).toEqual(
    Uint8Array.from([30, 40, 50, 60, 70, 80, 150, 160, 170, 180, 190, 200]),
  )
  const strip = { width: 10_000, height: 1, data: new Uint8Array(30_000) }
  await expect(toModelRange(strip, { width: 512, height: 512 })).rejects.toMatchObject({ code: 'picture-too-large' })
  expect((await toModelRange(picture, { width: 16, height: 16 })).length).toBe(3 * 256)
})

test('a flip mirrors left to right, before or after the range', async () => {
  const mirrored = flip(picture)
  expect([...mirrored.data.subarray(0, 3)]).toEqual([90, 100, 110])
  expect(await toModelRange(mirrored, picture)).toEqual(await toModelRange(picture, picture, { flip: true }))
  expect(flip(mirrored)).toEqual(picture)
})
