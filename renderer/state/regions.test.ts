import { expect, test } from 'vitest'
import { boxMoved, boxOf, regionKind, type Box } from './regions.ts'

test('what the control shows of a region', () => {
  expect([undefined, '0,0,0.5,1', '0.1,0,0.5,1', 'mask.png', '0,0,9,9', 'auto', 'auto:a man', 'autumn.png'].map(regionKind)).toEqual([
    'all',
    'left',
    'box',
    'mask',
    'mask',
    'auto',
    'auto',
    'mask',
  ])
})

test('a box stays inside of the picture whichever side is moved', () => {
  const box = boxOf('0.25,0,0.5,1') as Box
  expect(boxMoved(box, 'left', 0.7)).toBe('0.7,0,0.3,1')
  expect(boxMoved(box, 'width', 3)).toBe('0.25,0,0.75,1')
  expect(boxMoved(box, 'height', 0)).toBe('0.25,0,0.5,0.01')
  for (const share of [-1, 0, 0.333, 1, 2])
    for (const side of ['left', 'top', 'width', 'height'] as const) expect(boxOf(boxMoved(box, side, share))).toBeDefined()
})
