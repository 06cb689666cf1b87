import { expect, test } from 'vitest'
import { besidePresets, tied } from './tied-values.ts'

const fields = [{ key: 'rank' }, { key: 'alpha', offer: { times: 2, of: 'rank' } }]

test('alpha follows a changed rank in the proportion of its preset, and stays where the rank is none', () => {
  const usual = { rank: 16, alpha: 8, lr: 1 }
  expect(tied(fields, usual, { rank: 64 })).toEqual({ rank: 16, alpha: 32, lr: 1 })
  for (const rank of [undefined, NaN, 0, '64']) expect(tied(fields, usual, { rank })).toEqual(usual)
  expect(tied(fields, { rank: 16 }, { rank: 64 })).toEqual({ rank: 16 })
})

test('another preset takes the place of what presets speak of and of nothing else', () => {
  const presets = [{ values: { steps: 1 } }, { values: { rank: 2 } }]
  expect(besidePresets({ steps: 5, rank: 6, trigger: 'ink' }, presets)).toEqual({ trigger: 'ink' })
})
