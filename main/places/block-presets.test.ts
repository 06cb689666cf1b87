import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blockWeightsText, readBlockWeights } from '../../engine/requests/block-weights.ts'
import { blockReading, ownBlockPresets, presetsIn } from './block-presets.ts'

const twelve = '1,0,0,0,0,0.5,0,0,0,0,0,0'

test("a person's presets are read as the extension keeps them, and come before its own", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-presets-'))
  expect(ownBlockPresets(folder)).toEqual({})
  await writeFile(join(folder, 'lbwpresets.txt'), `# mine\r\nMIDONLY:${twelve}\nINS:${twelve}\nshort:1,2\n#OFF:${twelve}\nwords\n`)
  const presets = ownBlockPresets(folder)
  await rm(folder, { recursive: true })
  expect(presets).toEqual({ MIDONLY: twelve, INS: twelve })
  expect(readBlockWeights('INS', { presets })).toEqual(readBlockWeights(twelve))
  expect(() => readBlockWeights('OTHER', { presets })).toThrow('MIDONLY')
  expect(presetsIn('')).toEqual({})
  expect(blockWeightsText(readBlockWeights(twelve), presets)).toBe('MIDONLY')
})

test('R and U are drawn by the seed, of each adapter by itself; X is what the tag says', () => {
  const text = 'R,U,' + 'R,'.repeat(9) + 'U'
  const read = (seed: number, name: string) => readBlockWeights(text, blockReading(seed, name))
  const once = read(1, 'ink')
  expect(read(1, 'ink')).toEqual(once)
  expect(read(2, 'ink')).not.toEqual(once)
  expect(read(1, 'moss')).not.toEqual(once)
  const { BASE = NaN, IN04 = NaN, OUT05 = NaN } = once
  expect(BASE >= 0 && BASE <= 1 && IN04 >= -0.5 && IN04 <= 1.5 && OUT05 >= -0.5 && OUT05 <= 1.5).toBe(true)
  for (const value of Object.values(once)) expect(Math.round(value * 1000) / 1000).toBe(value)
  expect(() => readBlockWeights(text)).toThrow('drawn by the seed of a picture')
  expect(readBlockWeights('M00=X+0.25,IN04=X-.5,OUT00=X', { base: 0.5 })).toEqual({ M00: 0.75, IN04: 0, OUT00: 0.5 })
})
