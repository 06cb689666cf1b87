import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBitmap, encodeBitmap, isBitmap } from './bitmap.ts'

interface Parts {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly compression?: number
  readonly headerSize?: number
  /** Masks or palette, as numbers of 32 bits. */
  readonly behind?: readonly number[]
  readonly pixels: readonly number[]
}

/** A bitmap as the parts say; rows are the caller's. */
function bitmap({ width, height, bits, compression = 0, headerSize = 40, behind = [], pixels }: Parts): Uint8Array {
  const inHeader = headerSize > 40 ? Math.min(behind.length, (headerSize - 40) / 4) : 0
  const start = 14 + headerSize + (behind.length - inHeader) * 4
  const out = Buffer.alloc(start + pixels.length)
  out.write('BM')
  out.writeUInt32LE(out.length, 2)
  out.writeUInt32LE(start, 10)
  out.writeUInt32LE(headerSize, 14)
  out.writeInt32LE(width, 18)
  out.writeInt32LE(height, 22)
  out.writeUInt16LE(1, 26)
  out.writeUInt16LE(bits, 28)
  out.writeUInt32LE(compression, 30)
  for (const [i, value] of behind.entries()) out.writeUInt32LE(value, (i < inHeader ? 54 : 14 + headerSize - inHeader * 4) + i * 4)
  out.set(pixels, start)
  return out
}
const pixelsOf = (parts: Parts): number[][] => {
  const { data, channels } = decodeBitmap(bitmap(parts), 1e6)
  return Array.from({ length: data.length / channels }, (_, i) => [...data.subarray(i * channels, (i + 1) * channels)])
}

const [red, green, blue, white] = [0xff0000, 0x00ff00, 0x0000ff, 0xffffff]
const colours = { r: [255, 0, 0], g: [0, 255, 0], b: [0, 0, 255], w: [255, 255, 255] }
const { r, g, b, w } = colours
const square = { width: 2, height: 2 }

test('every depth gives the same four pixels, from the bottom and from the top', () => {
  const palette = [red, green, blue, white]
  const wanted = [r, g, b, w]
  const expected: [Parts, number[][]][] = [
    [{ ...square, bits: 24, pixels: [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0] }, wanted],
    [{ width: 2, height: -2, bits: 24, pixels: [0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0] }, wanted],
    [{ ...square, bits: 32, pixels: [255, 0, 0, 9, 255, 255, 255, 9, 0, 0, 255, 9, 0, 255, 0, 9] }, wanted],
    [{ ...square, bits: 16, pixels: [0x1f, 0, 0xff, 0x7f, 0, 0x7c, 0xe0, 0x03] }, wanted],
    [{ ...square, bits: 16, compression: 3, behind: [0xf800, 0x7e0, 0x1f], pixels: [0x1f, 0, 0xff, 0xff, 0, 0xf8, 0xe0, 0x07] }, wanted],
    [{ ...square, bits: 8, behind: [...palette, ...Array<number>(252).fill(0)], pixels: [2, 3, 0, 0, 0, 1, 0, 0] }, wanted],
    [{ ...square, bits: 4, behind: [...palette, ...Array<number>(12).fill(0)], pixels: [0x23, 0, 0, 0, 0x01, 0, 0, 0] }, wanted],
    [{ ...square, bits: 2, behind: palette, pixels: [0b10110000, 0, 0, 0, 0b00010000, 0, 0, 0] }, wanted],
    [{ ...square, bits: 1, behind: [red, green], pixels: [0b01000000, 0, 0, 0, 0b10000000, 0, 0, 0] }, [g, r, r, g]],
  ]
  for (const [parts, pixels] of expected) expect([parts.bits, pixelsOf(parts)]).toEqual([parts.bits, pixels])
})

test('a mask for alpha gives alpha; without one the fourth byte means nothing', () => {
  const masks = [red, green, blue, 0xff000000]
  const pixels = [0, 0, 255, 128]
  expect(pixelsOf({ width: 1, height: 1, bits: 32, compression: 3, headerSize: 108, behind: masks, pixels })).toEqual([[255, 0, 0, 128]])
  expect(pixelsOf({ width: 1, height: 1, bits: 32, pixels })).toEqual([[255, 0, 0]])
})

test('runs, stretches, leaps and ends of lines', () => {
  const palette = [white, red, green, blue]
  const rle8 = { width: 4, height: 2, bits: 8, compression: 1, behind: [...palette, ...Array<number>(252).fill(0)] }
  // Bottom row: two red, then a stretch of three clipped at the edge; top row: one pixel leapt over, then a green one.
  expect(pixelsOf({ ...rle8, pixels: [2, 1, 0, 3, 3, 2, 1, 0, 0, 0, 0, 2, 1, 0, 1, 2, 0, 1] })).toEqual([w, g, w, w, r, r, b, g])
  const rle4 = { ...rle8, bits: 4, compression: 2, behind: [...palette, ...Array<number>(12).fill(0)] }
  expect(pixelsOf({ ...rle4, pixels: [4, 0x12, 0, 0, 0, 3, 0x31, 0x20, 0, 1] })).toEqual([b, r, g, w, r, g, r, g])
})

test('what is written is read again', () => {
  const data = Uint8Array.from({ length: 3 * 5 * 3 }, (_, i) => (i * 37) % 256)
  expect(decodeBitmap(encodeBitmap({ width: 3, height: 5, data }), 100)).toEqual({ width: 3, height: 5, channels: 3, data })
})

test('torn, absurd and unknown ones are refused before anything is allocated', () => {
  const whole = encodeBitmap({ width: 8, height: 8, data: new Uint8Array(192) })
  expect(() => decodeBitmap(whole.subarray(0, 100), 1e6)).toThrow('ends before')
  expect(() => decodeBitmap(bitmap({ width: 30_000, height: 30_000, bits: 8, compression: 1, pixels: [0, 1] }), 1e6)).toThrow('pixel limit')
  expect(() => decodeBitmap(bitmap({ width: -3, height: 1, bits: 8, pixels: [] }), 1e6)).toThrow('claims')
  expect(() => decodeBitmap(bitmap({ ...square, bits: 24, compression: 4, pixels: [] }), 1e6)).toThrow('compression 4')
  expect(isBitmap(Buffer.from('BMW is a maker of cars, and this is a text.'))).toBe(false)
})

test('any bytes decode or throw an Error', () => {
  const bytes = fc.uint8Array({ minLength: 26, maxLength: 400 })
  fc.assert(
    fc.property(bytes, fc.constantFrom(12, 40, 108, 124), fc.constantFrom(0, 1, 2, 3, 6), (raw, size, compression) => {
      const file = Buffer.from(raw)
      file.write('BM')
      file.writeUInt32LE(size, 14)
      if (file.length >= 34) file.writeUInt32LE(compression, 30)
      try {
        const { width, height, channels, data } = decodeBitmap(file, 1e5)
        expect(data.length).toBe(width * height * channels)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})
