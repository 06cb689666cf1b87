import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawIcons, iconsFolder } from './icons.ts'

const read = (name: string): Promise<Buffer> => readFile(join(iconsFolder, name))
const sideOf = async (bytes: Buffer): Promise<number> => (await sharp(bytes).metadata()).width

test.each(['icon.ico', 'safetensors.ico'])('%s holds a picture of each size where its directory says', async (name) => {
  const bytes = await read(name)
  expect([bytes.readUInt16LE(0), bytes.readUInt16LE(2)]).toEqual([0, 1])
  const sides: number[] = []
  for (let i = 0; i < bytes.readUInt16LE(4); i++) {
    const entry = 6 + 16 * i
    const [length, at] = [bytes.readUInt32LE(entry + 8), bytes.readUInt32LE(entry + 12)]
    sides.push(await sideOf(bytes.subarray(at, at + length)))
    expect(bytes.readUInt8(entry) || 256).toBe(sides.at(-1))
  }
  expect(sides).toEqual([16, 24, 32, 48, 64, 128, 256])
})

test.each(['icon.icns', 'safetensors.icns'])('%s is a chain of blocks that ends with the file, up to 1024 pixels', async (name) => {
  const bytes = await read(name)
  expect([bytes.toString('latin1', 0, 4), bytes.readUInt32BE(4)]).toEqual(['icns', bytes.length])
  const sides: number[] = []
  let at = 8
  for (; at < bytes.length; at += bytes.readUInt32BE(at + 4))
    sides.push(await sideOf(bytes.subarray(at + 8, at + bytes.readUInt32BE(at + 4))))
  expect([at, sides]).toEqual([bytes.length, [16, 32, 32, 64, 128, 256, 256, 512, 512, 1024]])
})

test('the icons are drawn from the one drawing of today', async () => {
  for (const [name, drawn] of Object.entries(await drawIcons())) expect((await read(name)).equals(drawn), name).toBe(true)
})
