import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Emphasis } from '../requests/generate.ts'
import { parseAttention } from './attention-weights.ts'
import { loadClipTokenizer } from './clip-tokenizer.ts'
import { promptChunks } from './prompt-chunks.ts'

interface Case {
  readonly prompt: string
  readonly a1111: readonly number[]
  readonly comfyui: readonly number[]
}

const tokenizer = await loadClipTokenizer()
const chunks = (prompt: string, emphasis: Emphasis) => promptChunks(tokenizer, parseAttention(prompt, emphasis), 75, emphasis)
const sizes = (prompt: string, emphasis: Emphasis): number[] => chunks(prompt, emphasis).map(({ length }) => length)

test('40 prompts are cut where A1111 and ComfyUI cut them, and lose no token', async () => {
  const { cases } = JSON.parse(await readFile(new URL('./fixtures/prompt-chunks.json', import.meta.url), 'utf8')) as { cases: Case[] }
  expect(cases).toHaveLength(40)
  for (const emphasis of ['a1111', 'comfyui'] as const)
    for (const one of cases) {
      expect([emphasis, one.prompt, sizes(one.prompt, emphasis)]).toEqual([emphasis, one.prompt, one[emphasis]])
      const ids = parseAttention(one.prompt, emphasis).flatMap((part) => (part === 'break' ? [] : tokenizer.encode(part.text)))
      expect(chunks(one.prompt, emphasis).flatMap((chunk) => chunk.map(({ id }) => id))).toEqual(ids)
    }
})

test('the border of a full chunk: behind its last comma for A1111, before a short weighted stretch for ComfyUI, at 75 without emphasis', () => {
  const tail = `${'cat '.repeat(72)}, red lighthouse keeper`
  expect(sizes(tail, 'a1111')).toEqual([73, 3])
  expect(sizes(tail, 'comfyui')).toEqual([75, 1])
  expect(sizes(tail, 'none')).toEqual([75, 1])
  expect(sizes(`${'cat '.repeat(72)}(one two three four:1.2)`, 'comfyui')).toEqual([72, 4])
  expect(sizes(`${'cat '.repeat(72)}(one two three four:1.2)`, 'a1111')).toEqual([75, 1])
})

test('a comma more than 20 tokens before the border moves nothing, and BREAK at the end begins nothing', () => {
  expect(sizes(`${'cat '.repeat(55)}, ${'dog '.repeat(30)}`, 'a1111')).toEqual([56, 30])
  expect(sizes(`${'cat '.repeat(54)}, ${'dog '.repeat(30)}`, 'a1111')).toEqual([75, 10])
  expect(sizes('a BREAK', 'a1111')).toEqual([1])
  expect(sizes('a BREAK b', 'a1111')).toEqual([1, 1])
})
