import { expect, test } from 'vitest'
import type { Emphasis } from '../requests/generate.ts'
import { unsupportedSyntax } from './prompt-syntax.ts'

test.each<[string, Emphasis, string[]]>([
  ['a [cat:dog:0.5] on [mat:10]', 'a1111', ['[cat:dog:0.5]', '[mat:10]']],
  ['a [cat::.25], [red|blue] sky', 'a1111', ['[cat::.25]', '[red|blue]']],
  ['a cat AND a dog AND a fox', 'a1111', ['AND']],
  ['embedding:easynegative, (embedding:bad_hands:1.2)', 'comfyui', ['embedding:easynegative', 'embedding:bad_hands']],
  ['a <hypernet:anime:0.5> <lora:x:strong>', 'none', ['<hypernet:anime:0.5>', '<lora:x:strong>']],
  ['{{masterpiece}}, {red} fox, 1.5::sun::', 'a1111', ['{{masterpiece}}', '{red}', '1.5::sun::']],
  ['a ball++ (red sky)1.2, tree-- (old)-', 'comfyui', ['ball++', 'tree--', '(red sky)1.2', '(old)-']],
  ['("a", "b").blend(.5, .5)', 'a1111', ['("a", "b").blend(.5, .5)']],
  ['a [cat:dog:-1] [fox:1e-1]', 'a1111', ['[cat:dog:-1]', '[fox:1e-1]']],
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
  const told = unsupportedSyntax(Array.from({ length: 500 }, (_, i) => `[${'a'.repeat(100)}${i}:b:0.5]`).join(' '), 'a1111')
  expect([told.length, told.every((text) => text.length <= 61)]).toEqual([8, true])
})
