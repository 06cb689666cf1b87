import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { testingPictures } from '../captioning/testing-models.ts'
import { resample } from './resample.ts'

test('every filter gives the bytes of Pillow, up and down', async () => {
  const { resized } = JSON.parse(await readFile(new URL('../captioning/fixtures/captioners.json', import.meta.url), 'utf8')) as {
    resized: number[][]
  }
  const sizes = [
    [16, 16],
    [64, 48],
    [7, 50],
  ] as const
  expect(
    testingPictures().map((picture) =>
      sizes.flatMap(([width, height]) => [1, 2, 3, 4, 5].map((filter) => crc32(resample(picture, { width, height }, filter).data))),
    ),
  ).toEqual(resized)
})

test('a filter that is not known is refused by name', () => {
  const picture = { width: 1, height: 1, data: new Uint8Array(3) }
  expect(() => resample(picture, { width: 2, height: 2 }, 9)).toThrow('There is no resize filter 9')
})
