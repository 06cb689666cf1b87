import { expect, test } from 'vitest'
import { readBlockWeights } from '../../engine/requests/block-weights.ts'
import { strengthSaid } from '../../engine/requests/strength.ts'
import { loraMention, parsePrompt } from './prompt.ts'

test('mentions leave the prompt and carry their weight', () => {
  expect(parsePrompt('red apple, <lora:black ink:0.8>, <lora:comic>')).toEqual({
    text: 'red apple,',
    loras: [
      { name: 'black ink', weight: 0.8 },
      { name: 'comic', weight: 1 },
    ],
  })
  expect(parsePrompt(`a ${loraMention('x', { weight: -0.5 })} b`)).toEqual({ text: 'a b', loras: [{ name: 'x', weight: -0.5 }] })
})

test.each([
  ['<lora:a:0.5:0.9>', { name: 'a', weight: 0.9, textWeight: 0.5 }],
  ['<lora:a: 0.8>', { name: 'a', weight: 0.8 }],
  ['<lora:a:te=.5:unet=.8>', { name: 'a', weight: 0.8, textWeight: 0.5 }],
  ['<lora:a:te=.5>', { name: 'a', weight: 0.5 }],
  ['<lora:a:0.7:unet=0>', { name: 'a', weight: 0, textWeight: 0.7 }],
  ['<lyco:a:1.2>', { name: 'a', weight: 1.2 }],
  ['<lora:v1=final:0.5>', { name: 'v1=final', weight: 0.5 }],
  ['<lora:a:0.5:0.5:8>', { name: 'a', weight: 0.5, ignored: ['dyn=8'] }],
  ['<lora:a:1:lbw=OUTALL:stop=10>', { name: 'a', weight: 1, lbw: 'OUTALL', stop: '10' }],
  ['<lora:a:1:step=5-10:x=0.5:lbwe=E:hr=1>', { name: 'a', weight: 1, step: '5-10', x: '0.5', lbwe: 'E', ignored: ['hr=1'] }],
  ['<lora:a:0.8:start=0.3:curve=cosine>', { name: 'a', weight: 0.8, start: '0.3', curve: 'cosine' }],
  // As sd-webui-loractl has it.
  ['<lora:a:0.5@0,1@0.5>', { name: 'a', weight: 1, textWeight: 0.5, curve: '0.5@0,1@0.5' }],
  ['<lora:a:te=0.5:unet=1@0,0@1>', { name: 'a', weight: 1, textWeight: 0.5, curve: '1@0,0@1' }],
  ['<lora:a:0.5:1:w=OUTALL>', { name: 'a', weight: 1, textWeight: 0.5, lbw: 'OUTALL' }],
  ['<lora:a:0.5:INS>', { name: 'a', weight: 0.5, lbw: 'INS' }],
  ['<lora:a:0.5:0.9:1,0,1>', { name: 'a', weight: 0.9, textWeight: 0.5, lbw: '1,0,1' }],
  ['<lora:a:0.5:lbw=IN04=0.5,M00=0>', { name: 'a', weight: 0.5, lbw: 'IN04=0.5,M00=0' }],
])('%s is read as A1111 reads it', (tag, mention) => {
  expect(parsePrompt(`red ${tag}`)).toEqual({ text: 'red', loras: [mention] })
})

test('what is written with two strengths reads back; of one name the last counts', () => {
  expect(parsePrompt(loraMention('x', { weight: 0.9, textWeight: 0.25 })).loras).toEqual([{ name: 'x', weight: 0.9, textWeight: 0.25 }])
  expect(parsePrompt('<lora:x:1><lora:x:2>').loras).toEqual([{ name: 'x', weight: 2 }])
})

test('a prompt without mentions stays as it is, odd brackets too', () => {
  for (const text of ['a,  b', '<lora:>', '<lora:x:y>', '<lora:x:1:y>', '<lora:x:101>', `<lora:x:${'9'.repeat(390)}>`, '(word:1.2)'])
    expect(parsePrompt(text)).toEqual({ text, loras: [] })
})

test('a course is written with its places and reads back', () => {
  const strength = { weight: 0.5, textWeight: 1, start: 0.3, stop: 12, curve: 'constant 1@0,0.5@0.5' }
  expect(loraMention('x', strength)).toBe('<lora:x:1:0.5:start=0.3:stop=12:curve=constant 1@0,0.5@0.5>')
  const [said] = parsePrompt(loraMention('x', strength)).loras
  expect(said && strengthSaid(said)).toEqual(strength)
})

test('what of a tag is not taken is refused by name', () => {
  expect(() => strengthSaid({ weight: 1, lbwe: 'MINE' })).toThrow('"lbwe=MINE" weighs single elements')
  expect(() => strengthSaid({ weight: 1, lbw: 'ALL', x: 'y' })).toThrow('What X of block weights stands for')
})

test('blocks are written as a preset or as the list of all, and read back', () => {
  const strength = { weight: 0.5, blocks: readBlockWeights('INS') }
  expect(loraMention('x', strength)).toBe('<lora:x:0.5:lbw=INS>')
  const blocks = { IN04: 0.25, M00: -1 }
  const [said] = parsePrompt(loraMention('x', { weight: 1, textWeight: 0, blocks })).loras
  expect(said && strengthSaid(said)).toEqual({
    weight: 1,
    textWeight: 0,
    blocks: { ...readBlockWeights('1,'.repeat(25) + '1'), ...blocks },
  })
})
