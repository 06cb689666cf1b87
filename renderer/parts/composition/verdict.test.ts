import { expect, test } from 'vitest'
import type { ClashBlock, ClashReport } from '../../../engine/requests/clash.ts'
import { disturbedIn, letter, shownThrough, touching } from './verdict.ts'

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
  const unknown = { first: 0, second: 1, dominanceOnFirst: null, dominanceOnSecond: null }
  expect([0, 0.1, 0.3, 0.7, 3].map((interference) => touching({ ...unknown, interference }))).toEqual([
    'none',
    'little',
    'some',
    'much',
    'much',
  ])
  const known = [1, 1.5, 3].map((dominance) =>
    touching({ ...unknown, interference: 0, dominanceOnFirst: dominance, dominanceOnSecond: dominance }),
  )
  expect(known).toEqual(['little', 'some', 'much'])
  expect([0, 1, 15].map(letter).join('')).toBe('ABP')
})

test('one shows through the other where it is clearly the stronger, and where that is known', () => {
  const pair = { first: 0, second: 1, interference: 0 }
  expect(shownThrough({ ...pair, dominanceOnFirst: 4, dominanceOnSecond: 0.25 })).toEqual({ strong: 1, weak: 0, times: 4 })
  expect(shownThrough({ ...pair, dominanceOnFirst: 0.5, dominanceOnSecond: 8 })).toEqual({ strong: 0, weak: 1, times: 4 })
  expect(shownThrough({ ...pair, dominanceOnFirst: 1.2, dominanceOnSecond: 1 })).toBeUndefined()
  expect(shownThrough({ ...pair, dominanceOnFirst: null, dominanceOnSecond: null })).toBeUndefined()
})
