import { expect, test } from 'vitest'
import { blockLayouts, blockNames, blockPresets, blockWeights, blockWeightsText, readBlockWeights } from './block-weights.ts'

/** Those of these factors that are not `but`. */
const others = (text: string, but: number) => Object.entries(readBlockWeights(text)).filter(([, factor]) => factor !== but)

test('lists of each length name their blocks in order, and what they have no place for is 0', () => {
  expect(Object.entries(blockLayouts).map(([length, names]) => [Number(length), new Set(names).size])).toEqual([
    [12, 12],
    [17, 17],
    [20, 20],
    [26, 26],
  ])
  for (const layout of Object.values(blockLayouts)) {
    const read = readBlockWeights(layout.map((_, i) => i + 1).join(', '))
    expect(Object.keys(read)).toEqual(blockNames)
    expect(read).toEqual(Object.fromEntries(blockNames.map((name) => [name, layout.indexOf(name) + 1])))
  }
})

test('presets are those of the extension', () => {
  expect(others('INS', 0).map(([name]) => name)).toEqual(['BASE', 'IN01', 'IN02', 'IN04'])
  expect(others('MIDD', 0).map(([name]) => name)).toEqual(['BASE', 'IN05', 'IN07', 'IN08', 'M00', 'OUT03', 'OUT04', 'OUT05', 'OUT06'])
  expect(others('ALL0.5', 0.5).map(([name]) => name)).toEqual(['IN00', 'IN03', 'IN06', 'IN09', 'IN10', 'IN11', 'OUT00', 'OUT01', 'OUT02'])
  for (const name of Object.keys(blockPresets)) expect(blockWeightsText(readBlockWeights(name))).toBe(name)
})

test('single blocks leave the others as they are, and what is written is read back', () => {
  expect(readBlockWeights('IN04=-0.5, M00=0')).toEqual({ IN04: -0.5, M00: 0 })
  const text = blockWeightsText({ IN04: -0.5, M00: 0 })
  expect(text).toBe('1,1,1,1,1,-0.5,1,1,1,1,1,1,1,0,1,1,1,1,1,1,1,1,1,1,1,1')
  expect(readBlockWeights(text)).toMatchObject({ BASE: 1, IN04: -0.5, M00: 0, OUT11: 1 })
})

test.each([
  ['MYBLOCKS', 'it is no preset'],
  ['constructor', 'it is no preset'],
  ['1,0,1', 'it has 3 values'],
  ['1,0,0,0,0,0,0,0,0,0,0,NaN', '"NaN" is no number'],
  ['1,0,0,0,0,0,0,0,0,0,0,1e9', '"1e9" is no number'],
  ['1,0,0,0,0,0,0,0,0,0,0,1000', '1000 must lie between -100 and 100'],
  ['1,0,0,0,0,0,0,0,0,0,0,', '"" is no number'],
  ['IN12=1', 'there is no block "IN12"'],
  ['IN04=R', '"R" is drawn by the seed of a picture, in a tag of its prompt alone'],
  ['IN04=r', '"r" is no number'],
])('%s is refused with the lists, presets and blocks that there are', (text, why) => {
  const read = () => readBlockWeights(text)
  expect(read).toThrow(why)
  expect(read).toThrow(/12, 17, 20 or 26 numbers .*INS, IND.*IN04=0\.5/)
  expect(read).toThrow(
    expect.objectContaining({ code: 'block-weights', facts: expect.objectContaining({ text, blocks: blockNames }) as unknown }),
  )
})

test('as an object, blocks are known by name and factors have bounds', () => {
  expect(blockWeights.parse({ BASE: 0, OUT11: -1 })).toEqual({ BASE: 0, OUT11: -1 })
  expect(blockWeights.safeParse({ MID: 1 }).error?.issues[0]?.message).toContain('there is no block "MID"; the blocks are BASE, IN00')
  for (const factor of [NaN, 1e9, Infinity, '1']) expect(blockWeights.safeParse({ M00: factor }).success).toBe(false)
})
