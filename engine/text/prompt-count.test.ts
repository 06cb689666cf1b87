import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Emphasis } from '../requests/generate.ts'
import { locatedAttention, parseAttention, placeIn } from './attention-weights.ts'
import { loadClipTokenizer } from './clip-tokenizer.ts'
import type { Embedding } from './embedding.ts'
import { countPrompt } from './prompt-count.ts'
import { promptChunks } from './prompt-chunks.ts'

const tokenizer = await loadClipTokenizer()
const file = await readFile(new URL('./fixtures/prompt-chunks.json', import.meta.url), 'utf8')
const { cases } = JSON.parse(file) as { cases: { prompt: string; a1111: number[]; comfyui: number[] }[] }
/** The stretches of the chunks. */
const cut = (prompt: string, emphasis: Emphasis = 'a1111', room = 75, embeddings: readonly Embedding[] = []): string[] =>
  countPrompt(tokenizer, prompt, { emphasis, room, embeddings }).chunks.map(({ from, to }) => prompt.slice(from, to))

test('40 prompts have the chunks of A1111 and ComfyUI, and every token its place in the text', () => {
  for (const emphasis of ['a1111', 'comfyui'] as const)
    for (const one of cases) {
      const { chunks, tokens } = countPrompt(tokenizer, one.prompt, { emphasis, room: 75 })
      expect(chunks.map((chunk) => chunk.tokens)).toEqual(one[emphasis])
      expect(tokens).toBe(one[emphasis].reduce((a, b) => a + b, 0))
      expect([chunks[0]?.from, chunks.at(-1)?.to]).toEqual([0, one.prompt.length])
      for (const segment of locatedAttention(one.prompt, emphasis)) {
        if (segment === 'break') continue
        const starts = tokenizer.starts(segment.text)
        expect(starts).toHaveLength(tokenizer.encode(segment.text).length)
        for (const at of starts) expect(one.prompt[placeIn(segment, at)]).toBe(segment.text[at])
      }
    }
})

test('borders lie where chunks begin, whatever brackets and escapes are around, and BREAK says that it made one', () => {
  expect(cut('a red fox', 'a1111', 2)).toEqual(['a red ', 'fox'])
  expect(cut(String.raw`(a \(b\):1.2) ((red)) fox`, 'a1111', 3)).toEqual(['(a \\(b\\', '):1.2) ((red)) fox'])
  expect(cut(String.raw`(a \(b\):1.2) ((red)) fox`, 'comfyui', 5)).toEqual(['(a \\(b\\):1.2) ((red)) ', 'fox'])
  expect(cut('a red, big fox', 'a1111', 4)).toEqual(['a red, ', 'big fox'])
  const broken = countPrompt(tokenizer, 'a cat BREAK (a dog:1.1) BREAK', { emphasis: 'a1111', room: 75 })
  expect(broken.chunks).toEqual([
    { tokens: 2, from: 0, to: 13, ends: 'break' },
    { tokens: 2, from: 13, to: 29, ends: 'end' },
  ])
  expect(countPrompt(tokenizer, 'a red fox', { emphasis: 'none', room: 2 }).chunks.map(({ ends }) => ends)).toEqual(['full', 'end'])
  expect(countPrompt(tokenizer, '', { emphasis: 'a1111', room: 75 })).toEqual({
    tokens: 0,
    chunks: [{ tokens: 0, from: 0, to: 0, ends: 'end' }],
  })
})

test('places count what composing and lower-casing change, and embeddings by their vectors', () => {
  for (const text of ['İİ cat', 'cafe\u0301 cat', '猫 cat', '😀 cat', "it's a cat", '<|endoftext|> cat', 'ﬁ Straße cat'])
    expect(text.slice(tokenizer.starts(text).at(-1))).toBe('cat')
  const bad: Embedding = { names: ['bad_hands'], vectors: { '': { shape: [2, 4], data: new Float32Array(8) } }, file: 'a' }
  expect(cut('a bad_hands red fox', 'a1111', 3, [bad])).toEqual(['a bad_hands ', 'red fox'])
  expect(cut('a embedding:bad_hands red fox', 'comfyui', 3, [bad])).toEqual(['a embedding:bad_hands ', 'red fox'])
  const chunks = promptChunks(tokenizer, parseAttention('a bad_hands red fox', 'a1111'), 3, 'a1111', [bad])
  expect(chunks.map(({ length }) => length)).toEqual([3, 2])
})
