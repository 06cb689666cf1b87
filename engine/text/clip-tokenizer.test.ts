import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadClipTokenizer } from './clip-tokenizer.ts'
import { vocabularyIn } from './vocabulary-files.ts'

const fixture = new URL('./fixtures/clip-ids.json', import.meta.url)
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clip-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A model's two files in the test folder. */
async function files(vocab: string, merges: string): Promise<{ vocab: string; merges: string }> {
  const paths = { vocab: join(folder, 'vocab.json'), merges: join(folder, 'merges.txt') }
  await writeFile(paths.vocab, vocab)
  await writeFile(paths.merges, merges)
  return paths
}

test('500 captions have the ids of the reference', async () => {
  const { cases } = JSON.parse(await readFile(fixture, 'utf8')) as { cases: Record<string, string> }
  const tokenizer = await loadClipTokenizer()
  expect(Object.keys(cases).length).toBe(500)
  expect({ bos: tokenizer.bosId, eos: tokenizer.eosId, size: tokenizer.vocabSize }).toEqual({ bos: 49406, eos: 49407, size: 49408 })
  expect(Object.fromEntries(Object.keys(cases).map((text) => [text, tokenizer.encode(text).join(' ')]))).toEqual(cases)
})

test('a frame begins, ends and pads; truncation keeps the end mark last', async () => {
  const tokenizer = await loadClipTokenizer()
  expect([...tokenizer.frame('a cat', 6, 0)]).toEqual([49406, 320, 2368, 49407, 0, 0])
  expect([...tokenizer.frame('a cat a cat', 4, 49407)]).toEqual([49406, 320, 2368, 49407])
  expect([...tokenizer.frame('', 3, 7)]).toEqual([49406, 49407, 7])
})

test('a small vocabulary encodes what it knows and survives what it does not', async () => {
  const vocab = { c: 0, a: 1, t: 2, 't</w>': 3, 'at</w>': 4, 'cat</w>': 5, '<|startoftext|>': 6, '<|endoftext|>': 7 }
  const tokenizer = await loadClipTokenizer(await files(JSON.stringify(vocab), '#version: 0.2\na t</w>\nc at</w>\n'))
  expect(tokenizer.encode('Cat CAAT')).toEqual([5, 0, 1, 4])
  expect(tokenizer.encode('猫')).toEqual([7, 7, 7])
  expect(tokenizer.vocabSize).toBe(8)
})

test.each([
  [
    'pairs',
    [
      ['a', 't</w>'],
      ['c', 'at</w>'],
    ],
  ],
  ['texts', ['a t</w>', 'c at</w>']],
])('a tokenizer.json with merges as %s is a vocabulary too', async (_, merges) => {
  const one = await mkdtemp(join(folder, 'one-'))
  const vocab = { c: 0, a: 1, t: 2, 't</w>': 3, 'at</w>': 4, 'cat</w>': 5 }
  const marks = ['<|startoftext|>', '<|endoftext|>'].map((content, i) => ({ id: 6 + i, content }))
  await writeFile(join(one, 'tokenizer.json'), JSON.stringify({ added_tokens: marks, model: { type: 'BPE', vocab, merges } }))
  const tokenizer = await loadClipTokenizer(await vocabularyIn(one))
  expect([...tokenizer.frame('Cat CAAT', 8, 7)]).toEqual([6, 5, 0, 1, 4, 7, 7, 7])
})

test('vocab.json and merges.txt win over a tokenizer.json, and a folder may have none', async () => {
  const both = await mkdtemp(join(folder, 'both-'))
  expect(await vocabularyIn(both)).toBeUndefined()
  for (const name of ['tokenizer.json', 'vocab.json', 'merges.txt']) await writeFile(join(both, name), '')
  expect(await vocabularyIn(both)).toEqual({ vocab: join(both, 'vocab.json'), merges: join(both, 'merges.txt') })
})

test.each([
  ['not JSON', '{', ''],
  ['no marks', '{"a": 0}', ''],
  ['a bad id', '{"a": -1}', ''],
  ['a merge outside the vocabulary', '{"<|startoftext|>": 0, "<|endoftext|>": 1}', 'a b\n'],
  ['a merge of three', '{"<|startoftext|>": 0, "<|endoftext|>": 1}', 'a b c\n'],
])('a vocabulary with %s is refused', async (_, vocab, merges) => {
  await expect(loadClipTokenizer(await files(vocab, merges))).rejects.toMatchObject({ code: 'tokenizer-corrupt' })
})

test('a missing vocabulary is named', async () => {
  const gone = join(folder, 'gone.txt')
  await expect(loadClipTokenizer({ vocab: gone, merges: gone })).rejects.toMatchObject({ code: 'tokenizer-missing', facts: { path: gone } })
})
