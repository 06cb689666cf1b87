// A model for inpainting learns as it draws from a prompt alone.
import { afterAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { train } from '../commands/train.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
afterAll(folder.remove)

test('an adapter is trained on a model of 9 channels, held to its own answers and measured, and loads on an ordinary one', async () => {
  const [nine, four, out] = ['nine', 'four', 'x.safetensors'].map((name) => folder.at(name)) as [string, string, string]
  await writeDiffusers(nine, tinyModel('sd1', { inChannels: 9 }))
  await writeDiffusers(four, tinyModel('sd1'))
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  const more = { preservation: 'output', validateEvery: 1, heldOutCount: 1 }
  const input = train.input.parse({ dataset: folder.at('pictures'), model: nine, out, rank: 2, alpha: 2, steps: 1, lr: 1e-2, resolution: 64, ...more }) // prettier-ignore
  await trainAdapter({ ...fromPairs(input), device: 'cpu', threads: 1 }, fakeContext())
  const read = await readAdapter(out, moduleShapes(await openCheckpoint(four)))
  expect(read.modules.length).toBeGreaterThan(4)
  expect(read.skipped).toEqual([])
})
