import { expect, test } from 'vitest'
import type { Emphasis } from '../requests/generate.ts'
import { syntaxWarnings, unsupportedSyntax } from './prompt-syntax.ts'

test.each<[string, Emphasis, string[]]>([
  ['a [cat:dog:0.5] on [mat:10]', 'a1111', []],
  ['a [cat::.25], [red|blue] sky', 'a1111', []],
  ['a cat AND a dog AND a fox', 'a1111', []],
  ['a <hypernet:anime:0.5> <lora:x:strong>', 'none', ['<hypernet:anime:0.5>', '<lora:x:strong>']],
  ['{{masterpiece}}, {red} fox, 1.5::sun::', 'a1111', ['{{masterpiece}}', '{red}', '1.5::sun::']],
  ['a ball++ (red sky)1.2, tree-- (old)-', 'comfyui', ['ball++', 'tree--', '(red sky)1.2', '(old)-']],
  ['("a", "b").blend(.5, .5)', 'a1111', ['("a", "b").blend(.5, .5)']],
  ['a [cat:dog:-1] [fox:1e-1] {red}', 'a1111', ['{red}']],
  ['C++ code, (blue)-green, a -- b, 18+, well-known, std::map<x>, (a) 1.2, \\{red}, {}, a ++', 'a1111', []],
  ['a {red|blue} __animal__', 'a1111', ['{red|blue}', '__animal__']],
  ['sea BREAK sky', 'comfyui', ['BREAK']],
  ['sea BREAK sky, ANDY, sand, [less], [x: y], \\[a:b:0.5\\], (word:1.2), snake__case', 'a1111', []],
  ['a [cat:dog:0.5] AND {a|b} embedding:x', 'none', []],
  ['[cat:dog:0.5] AND', 'comfyui', []],
])('%j, read as %s, has %j that is not understood', (prompt, emphasis, found) => {
  expect(unsupportedSyntax(prompt, emphasis)).toEqual(found)
})

test('a long prompt full of it is told in few words', () => {
  const told = unsupportedSyntax(Array.from({ length: 500 }, (_, i) => `{${'a'.repeat(100)}${i}}`).join(' '), 'a1111')
  expect([told.length, told.every((text) => text.length <= 61)]).toEqual([8, true])
})

test('an embedding that is not here is told, with what becomes of its call', () => {
  const told = (emphasis: Emphasis) =>
    [...syntaxWarnings({ negative: 'embedding:bad', emphasis }, ['a (embedding:easynegative:1.2) embedding:toy'], [toy])].map((event) => ({
      ...event,
    }))
  const toy = { names: ['toy'], vectors: {}, file: 'toy.safetensors' }
  expect(told('none')).toEqual([])
  expect(told('a1111')).toMatchObject([
    {
      code: 'embedding-unknown',
      message: expect.stringMatching(/count as plain words/) as unknown,
      facts: { where: 'prompt', found: ['embedding:easynegative'] },
    },
    { code: 'embedding-unknown', facts: { where: 'negative', found: ['embedding:bad'] } },
  ])
  expect(told('comfyui')[0]).toMatchObject({ message: expect.stringMatching(/left out, as ComfyUI does/) as unknown })
})
