import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readPicture } from '../../engine/images/picture.ts'
import { writePng } from '../../engine/images/write-png.ts'
import { writeProofSheet } from './proof-sheet.ts'
import { workFolder } from './testing.ts'
import { writeSample } from './training-samples.ts'

const folder = await workFolder()
afterAll(folder.remove)

test('a row a step and a column a prompt; what is missing stays empty, and a long run is thinned out between its ends', async () => {
  const plan = { folder: folder.at('samples'), prompts: ['a cat', 'a cup'], seed: 7 }
  await writeProofSheet(folder.at('x'), plan)
  await mkdir(plan.folder)
  const dot = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3) }
  for (let step = 0; step <= 300; step += 10) await writePng(folder.at('samples', `${String(step).padStart(7, '0')}-0.png`), dot)
  await writePng(folder.at('samples', '0000300-1.png'), dot)
  await writePng(folder.at('samples', '0000300-5.png'), dot)
  await writeProofSheet(folder.at('x'), plan)
  const { prompts, rows } = JSON.parse(await readFile(folder.at('x.proof.json'), 'utf8')) as {
    prompts: object[]
    rows: { step: number; files: (string | null)[] }[]
  }
  expect(prompts).toEqual([{ prompt: 'a cat', seed: 7 }, { prompt: 'a cup', seed: 8 }]) // prettier-ignore
  expect([rows.length, rows[0], rows.at(-1)]).toEqual([
    24,
    { step: 0, files: ['0000000-0.png', null] },
    { step: 300, files: ['0000300-0.png', '0000300-1.png'] },
  ])
  const { width, height } = await readPicture(folder.at('x.proof.png'))
  expect(height).toBeGreaterThan(8 * width)
})

test('a run that went on with another prompt or seed shows none of its earlier samples under them', async () => {
  const shown = folder.at('others')
  await mkdir(shown)
  const dot = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3) }
  const drawn = async (step: number, prompts: readonly string[], seed: number): Promise<void> => {
    for (const [i, prompt] of prompts.entries()) await writeSample(join(shown, `000000${step}-${i}.png`), dot, { prompt, seed: seed + i })
  }
  const files = async (prompts: readonly string[], seed: number): Promise<unknown> => {
    await writeProofSheet(folder.at('o'), { folder: shown, prompts, seed })
    return (JSON.parse(await readFile(folder.at('o.proof.json'), 'utf8')) as { rows: { files: unknown }[] }).rows.map((row) => row.files)
  }
  await drawn(0, ['a cat', 'a cup'], 0)
  await drawn(1, ['a dog', 'a cup'], 0)
  expect(await files(['a dog', 'a cup'], 0)).toEqual([[null, '0000000-1.png'], ['0000001-0.png', '0000001-1.png']]) // prettier-ignore
  await drawn(2, ['a dog', 'a cup'], 7)
  expect(await files(['a dog', 'a cup'], 7)).toEqual([['0000002-0.png', '0000002-1.png']])
})
