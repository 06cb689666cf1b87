import { expect, test } from 'vitest'
import { parseAttention } from './attention-weights.ts'

const rounded = (prompt: string, emphasis: 'a1111' | 'comfyui' | 'none' = 'a1111') =>
  parseAttention(prompt, emphasis).map((segment) => (segment === 'break' ? segment : [segment.text, Number(segment.weight.toFixed(4))]))

test('A1111: brackets multiply where they nest, and stay open to the end', () => {
  expect(rounded('a fox')).toEqual([['a fox', 1]])
  expect(rounded('')).toEqual([['', 1]])
  expect(rounded('a (red:1.2) fox')).toEqual([
    ['a ', 1],
    ['red', 1.2],
    [' fox', 1],
  ])
  // The example of the reference's own documentation.
  expect(rounded('a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).')).toEqual([
    ['a ', 1],
    ['house', 1.573],
    [' ', 1.1],
    ['on', 1],
    [' a ', 1.1],
    ['hill', 0.55],
    [', sun, ', 1.1],
    ['sky', 1.4641],
    ['.', 1.1],
  ])
  expect(rounded('[x] \\(y\\) z)')).toEqual([
    ['x', 0.9091],
    [' (y) z)', 1],
  ])
  expect(rounded('a: b (c: d)')).toEqual([
    ['a: b ', 1],
    ['c: d', 1.1],
  ])
  expect(rounded('sea BREAK (sky:1.5)')).toEqual([['sea', 1], 'break', ['', 1], ['sky', 1.5]])
})

test('ComfyUI: an explicit weight stands alone, square brackets are text', () => {
  expect(rounded('a ((red:1.5) big) [fox]', 'comfyui')).toEqual([
    ['a ', 1],
    ['red', 1.5],
    [' big', 1.1],
    [' [fox]', 1],
  ])
  expect(rounded('((x)) \\(y\\) (z', 'comfyui')).toEqual([
    ['x', 1.21],
    [' (y) ', 1],
    ['(z', 1],
  ])
})

// As comfy/sd1_clip.py's own token_weights splits them.
test.each([
  ['(a (b:1.2)', [['a ', 1.2], ['(b', 1.2]]], // prettier-ignore
  ['(a (b:1.2) c', [['(a (b:1.2) c', 1]]],
  ['a) (b:1.3)', [['a) (b:1.3)', 1]]],
  ['(:1.2) (a: 1e0 )', [[':1.2', 1.1], [' ', 1], ['a', 1]]], // prettier-ignore
  ['(a:0x10)', [['a:0x10', 1.1]]],
])('ComfyUI: %j, whose brackets or weights are odd', (prompt, segments) => {
  expect(rounded(prompt, 'comfyui')).toEqual(segments)
})

test('a weight without end is none, and brackets without end are text', () => {
  expect([rounded('(a:Infinity)', 'comfyui'), rounded('(a:1e999)', 'comfyui')]).toEqual([[['a:Infinity', 1.1]], [['a:1e999', 1.1]]])
  expect(rounded(`(a:${'9'.repeat(400)})`)).toEqual([[`a:${'9'.repeat(400)})`, 1.1]])
  const deep = `${'('.repeat(10_000)}a${')'.repeat(10_000)}`
  expect(parseAttention(deep, 'comfyui').map((part) => part !== 'break' && part.text.length)).toEqual([20_001 - 200])
})

test('none: every bracket is text', () => {
  expect(rounded('a (red:1.2) [fox]', 'none')).toEqual([['a (red:1.2) [fox]', 1]])
})
