import { expect, test } from 'vitest'
import { watchLine } from './watch-lines.ts'

test('what a watched run tells is said in one line each, and nothing else is', () => {
  const point = { step: 50, heldOut: 0.25, trained: 0.125, gap: -0.125, levels: [] }
  expect(watchLine({ type: 'validation', ...point })).toBe('Step 50: held-out pictures 0.2500, trained ones 0.1250 (gap -0.1250)')
  const blocks = ['IN01', 'M00'].map((block, i) => ({ block, gradNorm: 1, update: 0.01 * (i + 1) }))
  expect(watchLine({ type: 'diagnostics', step: 50, blocks })).toBe('Step 50: updates are 2 % of the weights in M00, 1 % in IN01')
  expect(watchLine({ type: 'rank-use', step: 50, rank: 16, used: 5.25, layers: [] })).toContain('of rank 16, 5.25 are used')
  expect(watchLine({ type: 'picture-losses', step: 50, pictures: [{ path: 'a.png', loss: 2, draws: 4 }] })).toContain(
    'a.png (2 × the usual',
  )
  expect(watchLine({ type: 'plateau', step: 50, best: 20, measurements: 3 })).toContain('no better than that of step 20')
  expect(watchLine({ type: 'recommendation', reason: { code: 'recommend-last', message: 'Step 50: it.', facts: { step: 50 } } })).toBe(
    'Step 50: it.',
  )
  expect(watchLine({ type: 'step', step: 1 })).toBe('')
})
