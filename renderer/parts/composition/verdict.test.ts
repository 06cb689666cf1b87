import { expect, test } from 'vitest'
import type { ClashBlock, ClashReport } from '../../../engine/requests/clash.ts'
import { disturbedIn, letter, touching } from './verdict.ts'

test('an adapter is disturbed by all that it meets, and by each in its own direction', () => {
  const pairs = [
    { first: 0, second: 1 },
    { first: 0, second: 2 },
    { first: 1, second: 2 },
  ] as unknown as ClashReport['pairs']
  const figures = [
    { onFirst: 0.1, onSecond: 0.2 },
    { onFirst: 0.3, onSecond: 0.4 },
    { onFirst: 0.5, onSecond: 0.6 },
  ]
  const block = { block: 'M00', pairs: figures, shares: [] } as unknown as ClashBlock
  expect([0, 1, 2].map((adapter) => disturbedIn({ pairs }, block, adapter))).toEqual([0.4, 0.7, 1])
})

test('words follow the share, letters the stack', () => {
  expect([0, 0.1, 0.3, 0.7, 3].map(touching)).toEqual(['none', 'little', 'some', 'much', 'much'])
  expect([0, 1, 15].map(letter).join('')).toBe('ABP')
})
