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

test('a prompt without mentions stays as it is, odd brackets too', () => {
  for (const text of ['a,  b', '<lora:>', '<lora:x:y>', '(word:1.2)']) expect(parsePrompt(text)).toEqual({ text, loras: [] })
})
