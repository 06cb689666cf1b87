import { expect, test } from 'vitest'
import { composedPrompts, scheduledPrompt } from './prompt-schedule.ts'

/** As A1111 lists them: till which call each text is said. */
function changes(prompt: string, calls = 10): [number, string][] {
  // The last change may stand behind the last call: it is listed all the same.
  const texts = scheduledPrompt(prompt, calls + 1)
  return texts.flatMap((text, call) => (call === calls || texts[call + 1] !== text ? [[call, text] as [number, string]] : []))
}

// The examples that stand in modules/prompt_parser.py, of ten steps.
test.each<[string, [number, string][]]>([
  ['test', [[10, 'test']]],
  ['a [b:3]', [[3, 'a '], [10, 'a b']]],
  ['a [b: 3]', [[3, 'a '], [10, 'a b']]],
  ['a [[[b]]:2]', [[2, 'a '], [10, 'a [[b]]']]],
  ['[(a:2):3]', [[3, ''], [10, '(a:2)']]],
  ['a [b : c : 1] d', [[1, 'a b  d'], [10, 'a  c  d']]],
  ['a[b:[c:d:2]:1]e', [[1, 'abe'], [2, 'ace'], [10, 'ade']]],
  ['a [unbalanced', [[10, 'a [unbalanced']]],
  ['a [b:.5] c', [[5, 'a  c'], [10, 'a b c']]],
  ['a [{b|d{:.5] c', [[5, 'a  c'], [10, 'a {b|d{ c']]],
  ['((a][:b:c [d:3]', [[3, '((a][:b:c '], [10, '((a][:b:c d']]],
  ['a [b::4], [c] \\[d:e:2\\]', [[4, 'a b, [c] \\[d:e:2\\]'], [10, 'a , [c] \\[d:e:2\\]']]],
  ['a [b:0] [c:-1] [d:e:99]', [[10, 'a b c d']]],
])('%j', (prompt, expected) => {
  expect(changes(prompt)).toEqual(expected)
}) // prettier-ignore

test('turns are taken call by call, of which the first two are alike; a turn may be empty', () => {
  expect(scheduledPrompt('[a|(b:1.1)|]!', 6)).toEqual(['a!', 'a!', '(b:1.1)!', '!', 'a!', '(b:1.1)!'])
})

test('prompts at once, with weights', () => {
  expect(composedPrompts('a cat :1.2 AND a dog: -.5 AND [x:y:0.5]')).toEqual([
    { text: 'a cat', weight: 1.2 },
    { text: ' a dog', weight: -0.5 },
    { text: ' [x:y:0.5]', weight: 1 },
  ])
  expect(composedPrompts('ANDY AND sand')).toEqual([
    { text: 'ANDY', weight: 1 },
    { text: ' sand', weight: 1 },
  ])
})
