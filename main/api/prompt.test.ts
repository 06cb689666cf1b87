import { expect, test } from 'vitest'
import { loraMention, parsePrompt } from './prompt.ts'

test('mentions leave the prompt and carry their weight', () => {
  expect(parsePrompt('red apple, <lora:black ink:0.8>, <lora:comic>')).toEqual({
    text: 'red apple,',
    loras: [
      { name: 'black ink', weight: 0.8 },
      { name: 'comic', weight: 1 },
    ],
  })
  expect(parsePrompt(`a ${loraMention('x', -0.5)} b`)).toEqual({ text: 'a b', loras: [{ name: 'x', weight: -0.5 }] })
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
  ['<lora:a:1:lbw=OUTALL:stop=10>', { name: 'a', weight: 1, ignored: ['lbw=OUTALL', 'stop=10'] }],
])('%s is read as A1111 reads it', (tag, mention) => {
  expect(parsePrompt(`red ${tag}`)).toEqual({ text: 'red', loras: [mention] })
})

test('what is written with two strengths reads back; of one name the last counts', () => {
  expect(parsePrompt(loraMention('x', 0.9, 0.25)).loras).toEqual([{ name: 'x', weight: 0.9, textWeight: 0.25 }])
  expect(parsePrompt('<lora:x:1><lora:x:2>').loras).toEqual([{ name: 'x', weight: 2 }])
})

test('a prompt without mentions stays as it is, odd brackets too', () => {
  for (const text of ['a,  b', '<lora:>', '<lora:x:y>', '<lora:x:1:y>', '<lora:x:101>', `<lora:x:${'9'.repeat(390)}>`, '(word:1.2)'])
    expect(parsePrompt(text)).toEqual({ text, loras: [] })
})
