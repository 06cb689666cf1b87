import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TrainingPresets } from './training-presets.ts'

test('presets of one’s own are kept under their names, replaced by one of the same name, and removed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pigment-presets-'))
  try {
    const presets = await TrainingPresets.open(root)
    await presets.keep({ name: 'Soft', values: { rank: 8 } })
    await presets.keep({ name: 'Hard', values: { rank: 64, optimizerOptions: { beta1: 0.8 } }, family: 'sd15' })
    await presets.keep({ name: 'Soft', values: { rank: 12 } })
    const kept = [
      { name: 'Hard', values: { rank: 64, optimizerOptions: { beta1: 0.8 } }, family: 'sd15' },
      { name: 'Soft', values: { rank: 12 } },
    ]
    expect((await TrainingPresets.open(root)).list()).toEqual(kept)
    expect(JSON.parse(await readFile(join(root, 'training-presets.json'), 'utf8'))).toMatchObject({ version: 1 })
    expect(await presets.remove('Soft')).toEqual(kept.slice(0, 1))
    expect(await presets.remove('Soft')).toEqual(kept.slice(0, 1))
    for (let n = 0; n < 99; n++) await presets.keep({ name: `p${n}`, values: {} })
    await expect(presets.keep({ name: 'one more', values: {} })).rejects.toMatchObject({ code: 'presets-full' })
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
