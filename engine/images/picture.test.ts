import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PigmentError } from '../requests/error.ts'
import { encodeBitmap } from './formats/bitmap.ts'
import sharp from './loaders.ts'
import { checkPicture, decodePicture, pictureSize, readPicture } from './picture.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A 24×16 picture with something in every channel, as sharp input. */
function scene(channels: 3 | 4 = 3): ReturnType<typeof sharp> {
  const data = Buffer.from(Array.from({ length: 24 * 16 * channels }, (_, i) => (i * 37 + (i >> 5) * 11) & 255))
  return sharp(data, { raw: { width: 24, height: 16, channels } })
}

test('every format gives RGB8, whatever the extension says', async () => {
  const files = {
    'a.png': await scene().png().toBuffer(),
    'b.png': await scene().jpeg().toBuffer(),
    'c.jpg': await scene(4).webp({ lossless: true }).toBuffer(),
    'd.png': await scene().avif({ effort: 0 }).toBuffer(),
    'grey.png': await scene().greyscale().png().toBuffer(),
    'deep.png': await scene().toColourspace('rgb16').png().toBuffer(),
    'cmyk.jpg': await scene().toColourspace('cmyk').jpeg().toBuffer(),
    'really-a-jpeg.heic': await scene().jpeg().toBuffer(),
    'browser.jfif': await scene().jpeg().toBuffer(),
    'scan.tif': await scene().tiff({ compression: 'lzw' }).toBuffer(),
    'grey.tif': await scene().greyscale().tiff({ bitdepth: 1 }).toBuffer(),
    'old.gif': await scene().gif().toBuffer(),
    'paint.bmp': encodeBitmap({ width: 24, height: 16, data: await scene().raw().toBuffer() }),
  }
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(folder, name), bytes)
    const { width, height, data } = await readPicture(join(folder, name))
    expect([name, width, height, data.length]).toEqual([name, 24, 16, 24 * 16 * 3])
    expect(await checkPicture(bytes, name)).toMatchObject({ width, height })
  }
})

test('of several frames or pages the first is the picture', async () => {
  const stack = Buffer.concat([await scene().raw().toBuffer(), Buffer.alloc(24 * 16 * 3)])
  const frames = (): ReturnType<typeof sharp> => sharp(stack, { raw: { width: 24, height: 32, channels: 3, pageHeight: 16 } })
  const first = await decodePicture(await scene().png().toBuffer(), 'first.png')
  for (const bytes of [await frames().tiff({ compression: 'none' }).toBuffer(), await frames().gif({ dither: 0 }).toBuffer()]) {
    const { width, height, data } = await decodePicture(bytes, 'several')
    expect([width, height]).toEqual([24, 16])
    // A palette of a GIF's is near; the second frame is black.
    expect(data.reduce((sum, value, i) => sum + Math.abs(value - (first.data[i] ?? 0)), 0) / data.length).toBeLessThan(8)
  }
})

test('other formats are called by their names', async () => {
  const kind = (head: string): Promise<unknown> =>
    decodePicture(Buffer.from(head, 'latin1'), 'x').then(
      () => 'decoded',
      ({ code, facts, message }: PigmentError) => [code, facts.kind, message.includes(String(facts.kind))],
    )
  const heads = {
    HEIC: '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
    'JPEG XL': '\xff\x0a\xfa\x7f',
    Photoshop: '8BPS\0\x01',
    RAW: 'II*\0\x10\0\0\0CR\x02\0',
    SVG: '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
  }
  for (const [name, head] of Object.entries(heads)) expect(await kind(head)).toEqual(['picture-format', name, true])
})

test('a TIFF that is packed in a way that is not read here is no damaged one', async () => {
  const bytes = await scene().tiff({ compression: 'lzw' }).toBuffer()
  // Tag 259 of the little-endian header, a SHORT: ZSTD (50000) in place of LZW (5).
  const tag = bytes.indexOf(Buffer.from([0x03, 0x01, 0x03, 0x00, 1, 0, 0, 0, 5]))
  bytes.writeUInt16LE(50_000, tag + 8)
  const error: unknown = await decodePicture(bytes, 'scan.tif').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'picture-format',
    facts: { reason: expect.stringMatching(/^tiff2vips: ZSTD compression support is not configured$/) },
  })
})

test('transparency lies on white and orientation is applied', async () => {
  const clear = await sharp({ create: { width: 2, height: 1, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toBuffer()
  expect([...(await decodePicture(clear, 'clear.png')).data]).toEqual([255, 255, 255, 255, 255, 255])
  const turned = await scene().withMetadata({ orientation: 6 }).png().toBuffer()
  expect(await decodePicture(turned, 'turned.png')).toMatchObject({ width: 16, height: 24 })
  expect(await checkPicture(turned, 'turned.png')).toEqual({ format: 'png', width: 16, height: 24 })
})

test('what is not a picture is refused by name', async () => {
  const code = (bytes: Uint8Array): Promise<unknown> =>
    decodePicture(bytes, '猫.png').then(
      () => 'decoded',
      (error: PigmentError) => [error.code, error.message.includes('"猫.png"')],
    )
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/hostname"/></svg>'
  expect(await code(new Uint8Array(0))).toEqual(['picture-empty', true])
  expect(await code(Buffer.from('just text'))).toEqual(['picture-format', true])
  expect(await code(Buffer.from(svg))).toEqual(['picture-format', true])
  expect(await code((await scene().png().toBuffer()).subarray(0, 300))).toEqual(['picture-corrupt', true])
  expect(await code((await scene().jpeg().toBuffer()).subarray(0, 400))).toEqual(['picture-corrupt', true])
  await expect(sharp(Buffer.from(svg)).toBuffer()).rejects.toThrow()
  await expect(readPicture(join(folder, 'gone.png'))).rejects.toMatchObject({ code: 'picture-missing' })
  await expect(readPicture(folder)).rejects.toMatchObject({ code: 'picture-format' })
})

/** Where the first segment of this kind stands. */
const segment = (jpeg: Buffer, marker: number): number => jpeg.indexOf(Buffer.from([0xff, marker]))

test('a JPEG at which libjpeg warns is used with the pixels of the sound one; one cut off anywhere is refused', async () => {
  const jpeg = await scene().jpeg({ quality: 90 }).toBuffer()
  const phone = Buffer.from(jpeg)
  const scan = segment(jpeg, 0xda)
  const end = scan + 2 + jpeg.readUInt16BE(scan + 2)
  phone.fill(0, end - 3, end)
  const tables = segment(jpeg, 0xc0)
  const odd = {
    'wrong spectral end': phone,
    'bytes between segments': Buffer.concat([jpeg.subarray(0, tables), Buffer.alloc(3), jpeg.subarray(tables)]),
    'JFIF of another version': Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from('\xff\xe0\0\x10JFIF\0\x09\x09\0\0\x01\0\x01\0\0', 'latin1'),
      jpeg.subarray(segment(jpeg, 0xe0) === 2 ? 4 + jpeg.readUInt16BE(4) : 2),
    ]),
    'bytes behind the end': Buffer.concat([jpeg, Buffer.from('\xff\xd8\xff\xe1', 'latin1')]),
  }
  const sound = await decodePicture(jpeg, 'sound.jpg')
  for (const [name, bytes] of Object.entries(odd)) {
    expect([name, await decodePicture(bytes, name)]).toEqual([name, sound])
    expect(await checkPicture(bytes, name)).toEqual({ format: 'jpeg', width: 24, height: 16 })
  }
  const progressive = await scene().jpeg({ progressive: true }).toBuffer()
  for (const whole of [jpeg, progressive, odd['bytes between segments']])
    for (let part = 1; part < 20; part++)
      await expect(checkPicture(whole.subarray(0, (whole.length * part) / 20), 'cut.jpg')).rejects.toBeInstanceOf(PigmentError)
})

test('a PNG whose header claims 17000 × 17000 pixels is refused before it is decoded', async () => {
  const bomb = await scene().png().toBuffer()
  bomb.writeUInt32BE(17000, 16)
  bomb.writeUInt32BE(17000, 20)
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
  await expect(decodePicture(bomb, 'bomb.png')).rejects.toMatchObject({ code: 'picture-too-large' })
  await expect(checkPicture(bomb, 'bomb.png')).rejects.toMatchObject({ code: 'picture-too-large' })
  await expect(decodePicture(await scene().png().toBuffer(), 'a.png', { maxPixels: 100 })).rejects.toMatchObject({
    code: 'picture-too-large',
  })
})

test('what a decoder would have to hold whole is refused by its header where that is too much', async () => {
  const small = { create: { width: 8, height: 8, channels: 4, background: '#123' } } as const
  // 9900 × 9900 in 16 bits and four channels; the same in eight bits and three is read.
  const interlaced = (depth: number, kind: number) => {
    const header = Buffer.concat([Buffer.from('IHDR'), Buffer.alloc(8), Buffer.from([depth, kind, 0, 0, 1])])
    header.writeUInt32BE(9900, 4)
    header.writeUInt32BE(9900, 8)
    const [length, checksum] = [Buffer.from([0, 0, 0, 13]), Buffer.alloc(4)]
    checksum.writeUInt32BE(crc32(header))
    return sharp(small)
      .png()
      .toBuffer()
      .then((png) => Buffer.concat([png.subarray(0, 8), length, header, checksum, png.subarray(33)]))
  }
  const refused = await checkPicture(await interlaced(16, 6), 'a.png').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'picture-too-large', facts: { bytes: 9900 * 9900 * 8 } })
  expect(await pictureSize(await interlaced(8, 2), 'b.png', {})).toEqual({ width: 9900, height: 9900 })
  const jpeg = await sharp(small).toColourspace('cmyk').jpeg({ progressive: true }).toBuffer()
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc2]))
  jpeg.writeUInt16BE(9900, frame + 5)
  jpeg.writeUInt16BE(9900, frame + 7)
  await expect(checkPicture(jpeg, 'c.jpg')).rejects.toMatchObject({ code: 'picture-too-large', facts: { bytes: 9900 * 9900 * 8 } })
})

test('a file of a gigabyte is refused before it is read', async () => {
  await writeFile(join(folder, 'huge.png'), '')
  await truncate(join(folder, 'huge.png'), 2 ** 30)
  await expect(readPicture(join(folder, 'huge.png'))).rejects.toMatchObject({ code: 'picture-too-large' })
})

test('TIFFs, GIFs and bitmaps with flipped bits or a torn end decode or give one of our errors', async () => {
  const kinds = {
    tiff: await scene().tiff({ compression: 'lzw' }).toBuffer(),
    gif: await scene().gif().toBuffer(),
    bmp: encodeBitmap({ width: 24, height: 16, data: await scene().raw().toBuffer() }),
  }
  for (const [kind, good] of Object.entries(kinds))
    for (let i = 0; i < 60; i++) {
      const bad = Buffer.from(i % 5 === 0 ? good.subarray(0, (i * 7919) % good.length) : good)
      const bit = (i * 104729) % Math.max(8, bad.length * 8)
      if (bad.length > 0) bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const outcome = await decodePicture(bad, `bad.${kind}`, { maxPixels: 1e6 }).catch((error: unknown) => error)
      if (outcome instanceof Error) expect([kind, i, outcome]).toEqual([kind, i, expect.any(PigmentError)])
    }
})

test('200 PNGs with one flipped bit decode or give one of our errors', async () => {
  const good = await scene().png().toBuffer()
  const foreign: Error[] = []
  for (let i = 0; i < 200; i++) {
    const bad = Buffer.from(good)
    const bit = (i * 7919) % (good.length * 8)
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    const outcome = await decodePicture(bad, 'bad.png').catch((error: unknown) => error)
    if (outcome instanceof Error && !(outcome instanceof PigmentError)) foreign.push(outcome)
  }
  expect(foreign).toEqual([])
})
