import { expect, test } from 'vitest'
import { encodeBitmap } from './formats/bitmap.ts'
import sharp from './loaders.ts'
import { cropPicture } from './crop.ts'
import { decodePicture } from './picture.ts'
import { sniffPicture } from './picture-formats.ts'

/** Four quarters of a colour each: red, green / blue, white. */
const quarters = (): ReturnType<typeof sharp> => {
  const data = new Uint8Array(32 * 16 * 3)
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < 32; x++)
      data.set(y < 8 ? (x < 16 ? [255, 0, 0] : [0, 255, 0]) : x < 16 ? [0, 0, 255] : [255, 255, 255], (y * 32 + x) * 3)
  return sharp(data, { raw: { width: 32, height: 16, channels: 3 } })
}
const near = (data: Uint8Array, colour: readonly number[]): boolean => data.every((value, i) => Math.abs(value - (colour[i % 3] ?? 0)) < 24)

test('each format stays what it is, and holds what was in the box', async () => {
  for (const format of ['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff', 'bmp'] as const) {
    const bytes =
      format === 'bmp'
        ? encodeBitmap({ width: 32, height: 16, data: await quarters().raw().toBuffer() })
        : await quarters().toFormat(format).toBuffer()
    const cut = await cropPicture(bytes, `a.${format}`, { left: 18, top: 1, width: 12, height: 6 })
    expect(sniffPicture(cut, 'a').name).toBe(format)
    const { width, height, data } = await decodePicture(cut, 'a')
    expect([format, width, height, near(data, [0, 255, 0])]).toEqual([format, 12, 6, true])
  }
})

test('a box is of the upright picture', async () => {
  // Orientation 6: to be turned by 90° clockwise, so blue comes to the top left.
  const bytes = await quarters().withMetadata({ orientation: 6 }).png().toBuffer()
  const { width, height, data } = await decodePicture(await cropPicture(bytes, 'a.png', { left: 0, top: 0, width: 8, height: 16 }), 'a')
  expect([width, height, near(data, [0, 0, 255])]).toEqual([8, 16, true])
})

test('a box beyond the picture is refused', async () => {
  const bytes = await quarters().png().toBuffer()
  await expect(cropPicture(bytes, 'a.png', { left: 20, top: 0, width: 13, height: 2 })).rejects.toMatchObject({ code: 'crop-outside' })
})
