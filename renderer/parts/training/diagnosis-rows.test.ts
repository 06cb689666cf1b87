import { expect, test } from 'vitest'
import { blockRows, rankRows } from './diagnosis-rows.ts'

const look = (step: number, gradNorm: number, update: number) => ({
  step,
  blocks: [
    { block: 'IN01', gradNorm, update },
    { block: 'M00', gradNorm: gradNorm * 10, update: 0 },
  ],
})

test('a block has its figures of the last look and its course on the scale of all; what is 0 lies at the bottom', () => {
  const [inner, middle] = blockRows([look(10, 1, 0.1), look(20, 0.1, 0.01), look(30, 0.01, 0.001)])
  expect([inner?.block, inner?.gradNorm.first, inner?.gradNorm.last, inner?.update.last]).toEqual(['IN01', 1, 0.01, 0.001])
  // From 10 down to 0.01: three decades on 20, so that a tenth is a third of it.
  expect(inner?.gradNorm.line).toBe('0.0,6.7 50.0,13.3 100.0,20.0')
  expect(middle?.gradNorm.line).toBe('0.0,0.0 50.0,6.7 100.0,13.3')
  expect(middle?.update.line).toBe('0.0,20.0 50.0,20.0 100.0,20.0')
})

test('one look has figures and no course; blocks that are alike everywhere are drawn too; nothing is nothing', () => {
  expect(blockRows([look(10, 1, 0.1)])[0]?.gradNorm).toEqual({ first: 1, last: 1, line: '' })
  const same = { step: 1, blocks: [{ block: 'M00', gradNorm: 1, update: 0.1 }] }
  expect(blockRows([same, { ...same, step: 2 }])[0]?.update.line).not.toContain('NaN')
  expect(blockRows([])).toEqual([])
})

test('layers stand under their block with means; those that an older record tells without one stand together', () => {
  const layer = (name: string, block: string | undefined, used: number) => ({ layer: name, block, rank: 8, used }) as never
  const rows = rankRows({ step: 1, rank: 8, used: 2, layers: [layer('a', 'IN01', 2), layer('b', undefined, 3), layer('c', 'IN01', 4)] })
  expect(rows.map(({ block, used, rank, layers }) => [block, used, rank, layers.length])).toEqual([
    ['IN01', 3, 8, 2],
    ['other', 3, 8, 1],
  ])
})
