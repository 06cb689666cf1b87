import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { parseInfotext } from './infotext.ts'
import { insertPngText } from './formats/png-text.ts'
import { readPictureText } from './picture-text.ts'

const said = 'a fox, 苔藓 🌿\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 64x64'

/** An EXIF block of one comment, in either order of bytes. */
function block(comment: Buffer, little = false): Buffer {
  const out = Buffer.alloc(44 + comment.length)
  const two = (value: number, at: number) => (little ? out.writeUInt16LE(value, at) : out.writeUInt16BE(value, at))
  const four = (value: number, at: number) => (little ? out.writeUInt32LE(value, at) : out.writeUInt32BE(value, at))
  const entry = (at: number, tag: number, type: number, count: number, value: number): void => {
    two(tag, at)
    two(type, at + 2)
    four(count, at + 4)
    four(value, at + 8)
  }
  out.write(little ? 'II' : 'MM', 0)
  two(42, 2)
  four(8, 4)
  two(1, 8)
  entry(10, 0x8769, 4, 1, 26) // the EXIF directory
  two(1, 26)
  entry(28, 0x9286, 7, comment.length, 44) // UserComment
  comment.copy(out, 44)
  return out
}

/** The JPEG with the block as its first segment. */
const jpegWith = (jpeg: Buffer, exif: Buffer): Buffer => {
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(exif.length + 8, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from('Exif\0\0'), exif, jpeg.subarray(2)])
}
const plain = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()
const comments = {
  'UTF-16, high byte first': Buffer.concat([Buffer.from('UNICODE\0'), utf16be(said)]),
  'UTF-16, low byte first': Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(said, 'utf16le')]),
  'UTF-16 with a mark': Buffer.concat([Buffer.from('UNICODE\0'), Buffer.from(`\ufeff${said}`, 'utf16le')]),
  'UTF-8 under "ASCII"': Buffer.concat([Buffer.from('ASCII\0\0\0'), Buffer.from(`${said}\0`)]),
  'UTF-8 without a name': Buffer.concat([Buffer.alloc(8), Buffer.from(said)]),
}

describe.each(Object.entries(comments))('a comment in %s', (_, comment) => {
  test.each([false, true])('is read from a JPEG, low bytes first: %s', async (little) => {
    const jpeg = jpegWith(await plain().jpeg().toBuffer(), block(comment, little))
    expect(await readPictureText(jpeg, 'a.jpg')).toEqual([{ keyword: 'parameters', text: said }])
  })
})

test('ComfyUI’s graph is read from the camera fields of a WebP, in which it saves it', async () => {
  const graph = '{"3":{"class_type":"KSampler","inputs":{}}}'
  const webp = await plain()
    .webp()
    .withExif({ IFD0: { Model: `prompt:${graph}`, Make: 'workflow:{"nodes":[]}', Software: 'x' } })
    .toBuffer()
  const texts = await readPictureText(webp, 'a.webp')
  expect(texts).toHaveLength(2)
  expect(texts).toEqual(
    expect.arrayContaining([
      { keyword: 'prompt', text: graph },
      { keyword: 'workflow', text: '{"nodes":[]}' },
    ]),
  )
})

test('WebP carries it too, and what it says is what a PNG would say', async () => {
  const jpeg = jpegWith(await plain().jpeg().toBuffer(), block(comments['UTF-16, high byte first']))
  const webp = await sharp(jpeg).keepExif().webp().toBuffer()
  const png = insertPngText(await plain().png().toBuffer(), [{ keyword: 'parameters', text: said }])
  const [inWebp, inPng] = [await readPictureText(webp, 'a.webp'), await readPictureText(png, 'a.png')]
  expect(inWebp).toEqual(inPng)
  expect(Object.fromEntries(parseInfotext(inWebp[0]?.text ?? '').settings)).toMatchObject({ Seed: '42', Sampler: 'Euler a' })
})

test('a picture without a comment says nothing; one that is cut off, empty or no picture is refused', async () => {
  const jpeg = await plain().jpeg().toBuffer()
  expect(await readPictureText(jpeg, 'a.jpg')).toEqual([])
  expect(await readPictureText(jpegWith(jpeg, block(Buffer.from('UNICODE\0'))), 'a.jpg')).toEqual([])
  expect(await readPictureText(await plain().webp().toBuffer(), 'a.webp')).toEqual([])
  await expect(readPictureText(jpeg.subarray(0, 40), 'a.jpg')).rejects.toMatchObject({ code: 'picture-corrupt' })
  await expect(readPictureText(Buffer.from('text'), 'a.jpg')).rejects.toMatchObject({ code: 'picture-format' })
})

test('a block with flipped bytes gives texts or nothing, never an error of another kind', async () => {
  const jpeg = await plain().jpeg().toBuffer()
  const good = block(comments['UTF-16, high byte first'])
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, value) => {
      const bad = Buffer.from(good)
      bad[at] = value
      const texts = await readPictureText(jpegWith(jpeg, bad), 'a.jpg').catch((error: { code?: string }) => error.code)
      expect(Array.isArray(texts) || texts === 'picture-corrupt').toBe(true)
    }),
    { numRuns: 200, seed: 5 },
  )
})
