import { expect, test } from 'vitest'
import { parsePeftConfig, peftAlpha } from './peft-config.ts'

test('alpha follows patterns and the rank-stabilised scale', () => {
  const config = parsePeftConfig({ lora_alpha: 8, alpha_pattern: { 'attn1.to_q': 1, '^mid_block\\..*\\.to_[kv]': 2, bad_to_k: 9 } }, 'x')
  expect(
    ['a.attn1.to_q', 'a.xattn1.to_q', 'mid_block.attn1.to_k', 'down.mid_block.attn1.to_k'].map((path) => peftAlpha(config, path, 4)),
  ).toEqual([1, 8, 2, 8])
  expect(peftAlpha(parsePeftConfig({ lora_alpha: 8, use_rslora: true }, 'x'), 'a', 16)).toBe(32)
  expect(() => peftAlpha(parsePeftConfig({ alpha_pattern: { '(a+)+': 1 } }, 'x'), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', 4)).toThrow(
    'alpha_pattern',
  )
  expect(() => parsePeftConfig({ peft_type: 'LOHA' }, 'x')).toThrow('LOHA')
  expect(() => parsePeftConfig({ lora_alpha: '8' }, 'x')).toThrow('lora_alpha')
})
