import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compare, type CompareOptions } from './compare.ts'
import { passes, type Measure } from './measure.ts'
import { RecordedCase } from './recorded-case.ts'

const folder = fileURLToPath(new URL('../../engine/fixtures/reference/', import.meta.url))
const minutes = 60_000

async function missed(name: string, layout: string, options: CompareOptions): Promise<{ count: number; missed: Measure[] }> {
  await using recorded = await RecordedCase.open(`${folder}${name}`)
  const measures = await Array.fromAsync(compare(recorded, layout, { threads: 1, ...options }))
  return { count: measures.length, missed: measures.filter((measure) => !passes(measure)) }
}

for (const name of readdirSync(folder)) {
  const { layouts } = JSON.parse(readFileSync(`${folder}${name}/case.json`, 'utf8')) as { layouts: Record<string, string> }
  it(`${name}: forward passes, gradients, training and pictures are those of diffusers and peft`, { timeout: 10 * minutes }, async () => {
    const { count, missed: list } = await missed(name, 'diffusers', {})
    expect(list).toEqual([])
    expect(count).toBeGreaterThan(30)
  })
  if (!layouts['single-file']) continue
  // The weights are the same as in the folder; that each is found shows in what they compute forwards.
  it(`${name}: the single file computes the same`, { timeout: 5 * minutes }, async () => {
    const { count, missed: list } = await missed(name, 'single-file', { only: ['unet', 'text', 'vae-encode', 'vae-decode', 'pipeline'] })
    expect(list).toEqual([])
    expect(count).toBeGreaterThan(15)
  })
}
