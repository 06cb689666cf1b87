import { expect, test } from 'vitest'
import { readBlockWeights } from '../../engine/requests/block-weights.ts'
import { drawnLora, loraChoice } from './lora-choice.ts'

test.each([
  ['a.safetensors', { file: 'a.safetensors', weight: 1 }],
  ['a.safetensors=0.8', { file: 'a.safetensors', weight: 0.8 }],
  ['C:\\loras\\a=b.safetensors', { file: 'C:\\loras\\a=b.safetensors', weight: 1 }],
  ['C:\\loras\\a=b.safetensors=-.5', { file: 'C:\\loras\\a=b.safetensors', weight: -0.5 }],
  ['a=0.8:te=0.5', { file: 'a', weight: 0.8, textWeight: 0.5 }],
  ['a=0.8:unet=0', { file: 'a', weight: 0, textWeight: 0.8 }],
  ['a.safetensors:te=0', { file: 'a.safetensors', weight: 1, textWeight: 0 }],
  ['a=1:lbw=INS', { file: 'a', weight: 1, blocks: readBlockWeights('INS') }],
  ['a=0.8:te=0.5:lbw=IN04=0.5,M00=-1', { file: 'a', weight: 0.8, textWeight: 0.5, blocks: { IN04: 0.5, M00: -1 } }],
])('%s', (text, expected) => {
  expect(loraChoice.parse(text)).toEqual({ ...expected, enabled: true })
})

test.each([
  ['a=strong', 'the weight "strong" is not a number; write FILE=WEIGHT'],
  ['a=NaN', 'the weight "NaN" is not a number'],
  ['a=1e9', 'the weight "1e9" is not a number'],
  ['a=1000', 'the weight 1000 must lie between -100 and 100'],
  ['a=1:te=high', 'the te "high" is not a number'],
  ['a=1:te=', 'the te "" is not a number'],
  ['a=1:unet=-1000', 'the unet -1000 must lie between -100 and 100'],
  ['a=1:lbw=1,0,1', 'it has 3 values. Give 12, 17, 20 or 26 numbers'],
  ['a=1:lbw=MINE', 'it is no preset'],
  ['a=1:lbw=IN99=1', 'there is no block "IN99"'],
])('%s is refused', (text, why) => {
  const [issue] = loraChoice.safeParse(text).error?.issues ?? []
  const told = issue?.code === 'invalid_union' ? issue.errors.flat().map(({ message }) => message) : []
  expect(told.join('\n')).toContain(why)
})

test('an object has the same bounds', () => {
  const file = 'a'
  expect(loraChoice.parse({ file, blocks: { BASE: 0 } })).toMatchObject({ weight: 1, blocks: { BASE: 0 } })
  for (const given of [{ weight: NaN }, { textWeight: 1e9 }, { blocks: { MID: 1 } }, { blocks: { M00: NaN } }, { blocks: [1, 0] }])
    expect(loraChoice.safeParse({ file, ...given }).success).toBe(false)
})

test('where a picture is drawn, a strength may change over its steps; elsewhere there are none', () => {
  const said = 'a=0.8:lbw=INS:start=0.25:stop=12:curve=1@0,0.5@1'
  expect(drawnLora.parse(said)).toMatchObject({ file: 'a', weight: 0.8, start: 0.25, stop: 12, curve: '1@0,0.5@1' })
  expect(drawnLora.parse('a=0.8:step=5-10')).toMatchObject({ start: 5, stop: 10 })
  expect(loraChoice.parse('a=0.8:lbw=INS')).toEqual(drawnLora.parse('a=0.8:lbw=INS'))
  expect(drawnLora.safeParse({ file: 'a', start: 2.5 }).success).toBe(false)
  expect(drawnLora.safeParse({ file: 'a', curve: 'bezier' }).success).toBe(false)
  expect(drawnLora.safeParse('a=0.8:start=9:stop=3').success).toBe(false)
})
