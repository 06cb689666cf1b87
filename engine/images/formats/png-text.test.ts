import { deflateSync } from 'node:zlib'
import { crc32 } from 'node:zlib'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildInfotext, parametersChunk, parseInfotext } from '../infotext.ts'
import { readPicture } from '../picture.ts'
import { readPictureText } from '../picture-text.ts'
import { insertPngText, readPngText } from './png-text.ts'
import { encodePng, writePng } from '../write-png.ts'

const picture = { width: 3, height: 2, data: new Uint8Array(18).fill(77) }

/** A PNG with one raw chunk after its header. */
async function withChunk(type: string, data: Uint8Array): Promise<Uint8Array> {
  const png = await encodePng(picture)
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([png.subarray(0, 33), ends.subarray(0, 4), body, ends.subarray(4), png.subarray(33)])
}

test('texts come back, Latin-1 as tEXt and the rest as iTXt', async () => {
  const texts = [
    { keyword: 'parameters', text: 'café, line\nSteps: 20' },
    { keyword: 'prompt', text: '一只猫 😀' },
  ]
  const png = await encodePng(picture, texts)
  expect(readPngText(png, 'a.png')).toEqual(texts)
  expect(Buffer.from(png).toString('latin1')).toMatch(/tEXtparameters.*iTXtprompt/s)
})

test('a written PNG is a whole file with the same pixels', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'png-'))
  await writePng(join(folder, '画.png'), picture, [parametersChunk('a\nSteps: 1, Seed: 2, Size: 3x2')])
  expect(await readPicture(join(folder, '画.png'))).toEqual(picture)
  expect(await readdir(folder)).toEqual(['画.png'])
  await expect(writePng(join(folder, 'no', 'a.png'), picture)).rejects.toMatchObject({ code: 'picture-write' })
  await rm(folder, { recursive: true })
})

test('compressed texts are read, bombs are not', async () => {
  const zipped = (text: string): Uint8Array => Buffer.concat([Buffer.from('parameters\0\0', 'latin1'), deflateSync(text)])
  expect(readPngText(await withChunk('zTXt', zipped('hello')), 'a.png')).toEqual([{ keyword: 'parameters', text: 'hello' }])
  const itxt = Buffer.concat([Buffer.from('parameters\0\x01\0en\0\0', 'latin1'), deflateSync('猫')])
  expect(readPngText(await withChunk('iTXt', itxt), 'a.png')).toEqual([{ keyword: 'parameters', text: '猫' }])
  const bomb = await withChunk('zTXt', zipped('0'.repeat(50_000_000)))
  expect(() => readPngText(bomb, 'bomb.png')).toThrow(expect.objectContaining({ code: 'picture-text-too-large' }))
  const many = insertPngText(
    await encodePng(picture),
    Array.from({ length: 65 }, () => ({ keyword: 'a', text: 'b' })),
  )
  expect(() => readPngText(many, 'many.png')).toThrow(expect.objectContaining({ code: 'picture-text-too-large' }))
})

test('a text that is too large does not spoil the others, where it may be left out', async () => {
  const parameters = { keyword: 'parameters', text: 'a red apple' }
  const large = { keyword: 'workflow', text: 'x'.repeat(1_200_000) }
  const zipped = Buffer.concat([Buffer.from('prompt\0\0', 'latin1'), deflateSync('0'.repeat(2_000_000))])
  const png = insertPngText(await withChunk('zTXt', zipped), [large, parameters])
  expect(() => readPngText(png, 'a.png')).toThrow(expect.objectContaining({ code: 'picture-text-too-large' }))
  expect(readPngText(png, 'a.png', { omit: true })).toEqual([
    { keyword: 'workflow', text: '', omitted: 1_200_009 },
    parameters,
    { keyword: 'prompt', text: '', omitted: 2 ** 20 + 1 },
  ])
  expect(await readPictureText(png, 'a.png')).toContainEqual(parameters)
  await expect(readPictureText(insertPngText(await encodePng(picture), [large]), 'a.png')).rejects.toMatchObject({
    code: 'picture-text-too-large',
  })
  const many = Array.from({ length: 100 }, (_, i) => ({ keyword: `k${i}`, text: 'b' }))
  expect(readPngText(insertPngText(await encodePng(picture), many), 'a.png', { omit: true })).toHaveLength(64)
})

test('damage anywhere gives the texts or one of our errors', async () => {
  const png = Buffer.from(await encodePng(picture, [parametersChunk('猫 cat')]))
  for (let bit = 0; bit < png.length * 8; bit++) {
    const bad = Buffer.from(png)
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    try {
      readPngText(bad, 'bad.png')
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^picture-(corrupt|format|text-too-large)$/) as string })
    }
  }
})

test('an infotext reads back as it was built', () => {
  const settings: [string, string | number | undefined][] = [
    ['Steps', 20],
    ['Sampler', 'Euler a'],
    ['CFG scale', 4.5],
    ['Seed', 42],
    ['Size', '64x64'],
    ['Lora hashes', 'moss: 0123456789ab, fox: "q"'],
    ['Clip skip', undefined],
  ]
  const text = buildInfotext('a cat,\nsitting: still', 'blurry', settings)
  expect(text).toBe(
    'a cat,\nsitting: still\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 4.5, Seed: 42, Size: 64x64, Lora hashes: "moss: 0123456789ab, fox: \\"q\\""',
  )
  const parsed = parseInfotext(text)
  expect([parsed.prompt, parsed.negativePrompt]).toEqual(['a cat,\nsitting: still', 'blurry'])
  expect(Object.fromEntries(parsed.settings)).toMatchObject({ Steps: '20', Size: '64x64', 'Lora hashes': 'moss: 0123456789ab, fox: "q"' })
})

test('a text without settings is all prompt, and a hostile line costs little', () => {
  expect(parseInfotext('time: noon, place: here')).toEqual({ prompt: 'time: noon, place: here', negativePrompt: '', settings: new Map() })
  const start = performance.now()
  parseInfotext('a'.repeat(99_000))
  parseInfotext('a: "'.repeat(24_000))
  expect(performance.now() - start).toBeLessThan(2000)
})
