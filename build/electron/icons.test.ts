import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawIcons, iconsFolder } from './icons.ts'

const read = (name: string): Promise<Buffer> => readFile(join(iconsFolder, name))
const sideOf = async (bytes: Buffer): Promise<number> => (await sharp(bytes).metadata()).width

test("Windows' icon holds a picture of each size where its directory says", async () => {
  const bytes = await read('icon.ico')
  expect([bytes.readUInt16LE(0), bytes.readUInt16LE(2)]).toEqual([0, 1])
  for (let i = 0; i < bytes.readUInt16LE(4); i++) {
    const entry = 6 + 16 * i
    const [length, at] = [bytes.readUInt32LE(entry + 8), bytes.readUInt32LE(entry + 12)]
    expect(await sideOf(bytes.subarray(at, at + length))).toBe(bytes.readUInt8(entry) || 256)
  }
})

test("Apple's icon is a chain of blocks that ends with the file, up to 1024 pixels", async () => {
  const bytes = await read('icon.icns')
  expect([bytes.toString('latin1', 0, 4), bytes.readUInt32BE(4)]).toEqual(['icns', bytes.length])
  const sides: number[] = []
  let at = 8
  for (; at < bytes.length; at += bytes.readUInt32BE(at + 4))
    sides.push(await sideOf(bytes.subarray(at + 8, at + bytes.readUInt32BE(at + 4))))
  expect([at, sides]).toEqual([bytes.length, [16, 32, 128, 256, 512, 1024]])
})

test('the icons are drawn from the one drawing of today', async () => {
  for (const [name, drawn] of Object.entries(await drawIcons())) expect((await read(name)).equals(drawn), name).toBe(true)
})
