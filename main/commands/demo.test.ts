import { readdir, readFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { doneHere } from '../cli/done-here.ts'
import { demo as demoCommand } from './demo.ts'
import { fakeContext, never, workFolder } from '../operations/testing.ts'

const demo = doneHere(demoCommand)

const folder = await workFolder()
afterAll(folder.remove)

test('the demo trains both styles, draws its sheet, reads its files back, and leaves no checkpoints', async () => {
  const context = fakeContext()
  const out = folder.at('demo')
  const result = await demo.run(context, demo.input.parse({ out, steps: 2, batch: 2, rank: 4, sampleSteps: 2 }), never)
  expect(result.adapters).toMatchObject([
    { style: 'Black ink', fraction: expect.any(Number), styleBefore: expect.stringMatching(/%$/), styleAfter: expect.stringMatching(/%$/) },
    { style: 'Comic outline', sizeBytes: expect.any(Number) },
  ])
  const files = ['black-ink', 'comic-outline'].flatMap((style) => [
    `${style}.safetensors`,
    ...['diffusers', 'ldm', 'lycoris'].map((format) => `${style}-${format}.safetensors`),
  ])
  expect(result.readBack).toEqual(files.map((file) => ({ file, samePicture: true })))
  expect((await readFile(result.contactSheet)).subarray(1, 4).toString()).toBe('PNG')
  expect(context.records.filter(({ type, steps }) => type === 'step' && steps === 2)).toHaveLength(4)
  expect((await readdir(out)).toSorted()).toEqual([...files, 'contact-sheet.png'].toSorted())
})
