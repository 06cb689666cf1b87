import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { writePng } from '../../engine/images/write-png.ts'
import { workFolder } from './testing.ts'
import { regionsSaid, withRegions } from './adapter-regions.ts'
import type { LoadedLora } from './load-loras.ts'

const folder = await workFolder()
const lora = (name: string, weight = 1): LoadedLora => ({
  entry: { adapter: { name, modules: [], metadata: {}, skipped: [] }, weight, enabled: true },
  hash: '',
})

test('a region goes to the adapter whose name stands before it, also where that holds a sign of equality', () => {
  const given = [lora('ink'), lora('ink=2'), lora('wash')]
  const regions = withRegions(given, ['ink=2=0,0,0.5,1', 'ink=a=b.png']).map(({ entry }) => entry.region)
  expect(regions).toEqual(['a=b.png', '0,0,0.5,1', undefined])
  const code = (texts: string[]) => {
    try {
      return withRegions(given, texts)
    } catch (error) {
      return error
    }
  }
  expect(code(['paper=0,0,1,1'])).toMatchObject({ code: 'region-adapter-unknown', facts: { names: ['ink', 'ink=2', 'wash'] } })
  expect(code(['wash=auto', 'wash=a.png'])).toMatchObject({ code: 'region-twice' })
  expect(() => withRegions([lora('ink'), lora('wash'), lora('ink')], ['ink=0,0,0.5,1'])).toThrow(
    'Two adapters of the picture are called "ink"',
  )
  // Two of one name are no matter where another has the region.
  expect(withRegions([lora('ink'), lora('wash'), lora('ink')], ['wash=auto'])[1]?.entry.region).toBe('auto')
})

test('a picture says where its adapters act: boxes as they are, a mask by what its file holds', async () => {
  const file = folder.at('mask.png')
  await writePng(file, { width: 1, height: 1, data: Uint8Array.of(255, 255, 255) })
  const hash = createHash('sha256').update(await readFile(file)).digest('hex').slice(0, 24) // prettier-ignore
  const given = [lora('a;b'), lora('ink'), lora('wash'), lora('off', 0), lora('all')]
  const said = await regionsSaid(withRegions(given, ['a;b=0,0, .5,1', `ink=${file}`, 'off=0,0,1,1', 'wash=auto']))
  expect(said).toBe(`a_b: 0,0,0.5,1; ink: mask ${hash}; wash: auto`)
  expect(await regionsSaid([lora('ink')])).toBeUndefined()
})
