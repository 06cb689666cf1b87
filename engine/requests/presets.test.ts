import { expect, test } from 'vitest'
import { presetValues } from './presets.ts'

const preset = {
  steps: 100,
  batch: 8,
  rank: 64,
  alpha: 32,
  members: 4,
  layers: 'all',
  lr: 4e-3,
  warmup: 20,
  checkpointEvery: 25,
  preservation: 'output',
  preservationOptions: { preserve: 0.5, neutral: 'a tree' },
} as const

test('what is given wins over a preset, and what depends on it follows', () => {
  const values = presetValues(preset, { rank: 8, steps: 50, lr: 1e-3 })
  expect(values).toMatchObject({ alpha: 4, warmup: 10, members: 4, batch: 8, layers: 'all' })
  for (const key of ['rank', 'steps', 'lr']) expect(values).not.toHaveProperty(key)
  expect(presetValues(preset, { rank: 8, alpha: 5, warmup: 0 })).not.toHaveProperty('alpha')
})

test('a rank that cannot be shared out is trained by one, and so is what has no members', () => {
  expect(presetValues(preset, { rank: 6 }).members).toBe(1)
  expect(presetValues(preset, {}, true).members).toBe(1)
  expect(presetValues(preset, { rank: 6, members: 3 })).not.toHaveProperty('members')
})

test('options of preservation are put beside the preset’s, and another preservation takes its place', () => {
  expect(presetValues(preset, { preservationOptions: { preserve: 0 } })).toMatchObject({
    preservation: 'output',
    preservationOptions: { preserve: 0, neutral: 'a tree' },
  })
  for (const given of [{ preservation: 'pictures' }, { classPictures: 'd' }] as const)
    for (const key of ['preservation', 'preservationOptions']) expect(presetValues(preset, given)).not.toHaveProperty(key)
})
