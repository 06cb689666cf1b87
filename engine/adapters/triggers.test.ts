import { expect, test } from 'vitest'
import type { StackEntry } from './stack.ts'
import { fillTrigger, triggersOf, withoutTriggers, withTrigger } from './triggers.ts'

const entry = (metadata: Record<string, string>, enabled = true): StackEntry => ({
  adapter: { name: 'one', modules: [], metadata, skipped: [] },
  weight: 1,
  enabled,
})
const ink = entry({ 'pigment.trigger_words': '["ink", "ink wash"]' })

test('triggers are read from our own key and from ModelSpec; what is no list of words is none', () => {
  expect(triggersOf({ 'pigment.trigger_words': '["a", 3]', 'modelspec.trigger_phrase': 'b c' })).toEqual(['a', 'b c'])
  expect(triggersOf({ 'pigment.trigger_words': 'a, b' })).toEqual([])
})

test.each([
  ['ink wash, red fox', 'red fox'],
  ['a red fox, Ink, sitting', 'a red fox, sitting'],
  ['(ink:1.2) style of a fox', 'style of a fox'],
  ['an inkwell, drinking', 'an inkwell, drinking'],
  ['red  fox , ', 'red  fox , '],
  ['ink', ''],
])('%j without its triggers is %j', (prompt, left) => {
  expect(withoutTriggers(prompt, [ink])).toBe(left)
})

test('words that somebody gave take the place of the metadata’s', () => {
  expect(withoutTriggers('ink moss fox', [{ ...ink, triggers: ['moss'] }])).toBe('ink fox')
  expect(withoutTriggers('ink moss fox', [{ ...ink, triggers: [] }])).toBe('ink moss fox')
})

test('words of any script and with signs of their own; adapters that are off keep theirs', () => {
  const odd = entry({ 'modelspec.trigger_phrase': 'c++ (art)' })
  expect(withoutTriggers('c++ (art), 猫', [odd])).toBe('猫')
  expect(withoutTriggers('水墨 猫', [entry({ 'pigment.trigger_words': '["水墨"]' })])).toBe('猫')
  expect(withoutTriggers('ink fox', [entry({ 'pigment.trigger_words': '["ink"]' }, false)])).toBe('ink fox')
})

test.each([
  ['a photo of sks dog', 'sks', 'a photo of sks dog'],
  ['dog, Sks', 'sks', 'dog, Sks'],
  ['inkwell on a table', 'ink', 'ink, inkwell on a table'],
  ['a blue_ink drawing', 'ink', 'ink, a blue_ink drawing'],
  ['a drawing (ink)', 'ink', 'a drawing (ink)'],
  ['a [trigger] drawing, [Trigger]', 'ink$&', 'a ink$& drawing, ink$&'],
  ['a drawing, c++', 'c++', 'a drawing, c++'],
  ['水墨画', '水墨', '水墨, 水墨画'],
  ['', 'ink', 'ink'],
  ['a [trigger] drawing', '', 'a [trigger] drawing'],
])('the caption %j with the trigger %j is %j', (caption, trigger, whole) => {
  expect(withTrigger(caption, trigger)).toBe(whole)
})

test('a sample prompt names the trigger, and gets no word that it does not ask for', () => {
  expect(fillTrigger('a [trigger] fox', 'ink')).toBe('a ink fox')
  expect(fillTrigger('a fox', 'ink')).toBe('a fox')
})
