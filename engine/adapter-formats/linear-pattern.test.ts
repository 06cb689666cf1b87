import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linearPattern, PatternError } from './linear-pattern.ts'

const path = 'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_q'

test.each([
  ['to_q', true],
  ['o_q', false],
  ['attn2.to_q', true],
  ['attn1.to_q', false],
  [String.raw`^down_blocks\.\d+\..*\.to_[qkv]`, true],
  [String.raw`^up_blocks\..*`, false],
  [String.raw`.*attn[12]\.(to_q|to_k)$`, true],
  [String.raw`(?:.*\.)?attn\d{1,2}\.to_[^kv]`, true],
  ['to_q|never', true],
  [String.raw`attn2\.to_q{2}`, false],
  [String.raw`[\w.]{10,}`, true],
  ['[]]|[a-]*to_q', true],
])('%s', (pattern, matches) => {
  expect(linearPattern(pattern).matches(path)).toBe(matches)
  expect(new RegExp(String.raw`^(?:.*\.)?(?:${pattern.replace('[]]', String.raw`[\]]`)})$`).test(path)).toBe(matches)
})

test.each([
  '(',
  ')',
  '[',
  '*a',
  'a**',
  '(?=a)',
  '(?P<n>a)',
  String.raw`\1`,
  String.raw`\bq`,
  'a{5000}',
  '((a{100}){100}){100}',
  'a'.repeat(501),
])('refuses %s', (pattern) => expect(() => linearPattern(pattern)).toThrow(PatternError))

test('says what a backtracking matcher says, for any pattern of the kind', () => {
  const atom = fc.constantFrom('a', 'b', '.', String.raw`\.`, '[ab]', '[^a]', String.raw`\w`, '^', '$')
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      fc.tuple(tie('pattern'), tie('pattern')).map(([x, y]) => x + y),
      fc.tuple(tie('pattern'), tie('pattern')).map(([x, y]) => `${x}|${y}`),
      fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{1,}', '*?')).map(([x, y]) => `(${x})${y}`),
    ),
  }))
  fc.assert(
    fc.property(pattern, fc.stringMatching(/^[ab.]{0,8}$/), (source, text) => {
      expect(linearPattern(source).matches(text)).toBe(new RegExp(String.raw`^(?:.*\.)?(?:${source})$`).test(text))
    }),
    { numRuns: 3000 },
  )
})

test('patterns that keep a backtracking matcher busy for ever are answered', () => {
  const long = `${'a'.repeat(300)}.${path}`
  for (const pattern of [`${'.*'.repeat(200)}!`, '(a+)+!', '(a|a)*!', '(.*a){30}!', `${'a?'.repeat(80)}${'a'.repeat(80)}!`])
    expect(linearPattern(pattern).matches(long)).toBe(false)
})
