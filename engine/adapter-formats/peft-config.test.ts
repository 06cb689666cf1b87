import { expect, test } from 'vitest'
import { parsePeftConfig, peftAlpha } from './peft-config.ts'

const alphaOf = (fields: object, path: string, rank = 4): number =>
  peftAlpha(parsePeftConfig({ lora_alpha: 8, ...fields }, 'x'), path, rank)

test('alpha follows patterns and the rank-stabilised scale', () => {
  const fields = { alpha_pattern: { 'attn1.to_q': 1, '^mid_block\\..*\\.to_[kv]': 2, bad_to_k: 9 } }
  const paths = ['a.attn1.to_q', 'a.xattn1.to_q', 'mid_block.attn1.to_k', 'down.mid_block.attn1.to_k']
  expect(paths.map((path) => alphaOf(fields, path))).toEqual([1, 8, 2, 8])
  expect(alphaOf({ use_rslora: true }, 'a', 16)).toBe(32)
  expect(() => parsePeftConfig({ alpha_pattern: { '(?!a)b': 1 } }, 'x')).toThrow(/^"x".*alpha_pattern/)
  expect(() => parsePeftConfig({ peft_type: 'XLORA' }, 'x')).toThrow('XLORA')
  expect(() => parsePeftConfig({ lora_alpha: '8' }, 'x')).toThrow('lora_alpha')
})

test('the first pattern that matches counts, names and expressions alike', () => {
  const alpha = (alpha_pattern: object, path: string): number => alphaOf({ alpha_pattern }, path)
  expect(alpha({ to_q: 1, '.*to_q': 2 }, 'a.to_q')).toBe(1)
  expect(alpha({ '.*to_q': 2, to_q: 1 }, 'a.to_q')).toBe(2)
  expect(alpha({ '^a.to_q': 3, to_q: 1 }, 'a.to_q')).toBe(3)
  expect(alpha({ '^a.to_q': 3, to_q: 1 }, 'b.a.to_q')).toBe(1)
  expect(alpha({ 'attn1\\.to_q$': 3 }, 'b.attn1.to_q')).toBe(3)
})

test('patterns made to keep a matcher busy are answered or refused', () => {
  const path = `${'a'.repeat(200)}.${'b.'.repeat(40)}to_q`
  for (const pattern of [`${'.*'.repeat(12)}!`, '(a+)+!', '(a|a|b|.)*!']) expect(alphaOf({ alpha_pattern: { [pattern]: 1 } }, path)).toBe(8)
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${'.*'.repeat(100)}${i}`, 1]))
  expect(() => parsePeftConfig({ alpha_pattern: many }, 'x')).toThrow('too large')
})

test.each<[string, object, RegExp]>([
  ['PiSSA, fast', { init_lora_weights: 'pissa_niter_16' }, /PiSSA.*path_initial_model_for_weight_conversion/],
  ['OLoRA with magnitudes', { init_lora_weights: 'OLoRA', use_dora: true }, /OLoRA.*use_dora/],
  ['CorDA', { init_lora_weights: 'corda' }, /CorDA/],
  ['LoftQ', { init_lora_weights: 'loftq' }, /LoftQ/],
  ['LoRA-GA', { init_lora_weights: 'lora_ga' }, /LoRA-GA/],
  ['a start of tomorrow', { init_lora_weights: 'newest' }, /"newest"/],
  ['all biases', { bias: 'all' }, /bias="all"/],
  ['the biases of its layers', { bias: 'lora_only' }, /bias="lora_only"/],
  ['whole modules', { modules_to_save: ['conv_in'] }, /modules_to_save.*conv_in/],
  ['layers in several copies', { layer_replication: [[0, 2]] }, /layer_replication/],
  ['tokens', { trainable_token_indices: [1] }, /trainable_token_indices/],
  ['KaSA', { kasa_config: { beta: 1 } }, /kasa_config/],
])('refuses %s by name', (_, fields, sentence) => {
  expect(() => parsePeftConfig({ peft_type: 'LORA', lora_alpha: 8, ...fields }, 'x')).toThrow(sentence)
})

test('starts that leave the base as it is, and fields that say nothing, are plain LoRA', () => {
  for (const init_lora_weights of [true, false, null, 'gaussian', 'eva', 'orthogonal', 'mica'])
    expect(alphaOf({ init_lora_weights }, 'a')).toBe(8)
  const silent = { bias: 'none', lora_bias: false, layer_replication: null, loftq_config: {}, use_dora: true, target_parameters: [] }
  expect(alphaOf({ ...silent, modules_to_save: [] }, 'a')).toBe(8)
})
