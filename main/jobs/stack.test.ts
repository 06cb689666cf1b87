import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Library } from '../stores/library.ts'
import { libraryOf } from '../stores/testing-library.ts'
import { stackOf } from './stack.ts'

let root: string
let library: Library
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-stack-'))
  // One that is titled ink stands before the one that is called so.
  library = await libraryOf(
    root,
    {
      'other.safetensors': 'ink',
      'ink.safetensors': 'Black ink',
      'Moss.safetensors': 'Green',
      'hands.safetensors': 'Hands',
      'toy.safetensors': '',
    },
    {
      'hands.safetensors': { kind: 'embedding', triggers: ['hands'], vectors: 8 },
      'toy.safetensors': { kind: 'embedding', triggers: ['toy', '<cat-toy>'], vectors: 1 },
    },
  )
})
afterAll(async () => {
  await library.close()
  await rm(root, { recursive: true, force: true })
})

test('a name is that of a file before it is a title, in any case of letters', () => {
  const names = ['ink', 'INK', 'black ink', 'Other', 'moss', 'green', 'styles/Ink.safetensors', 'gone']
  expect(names.map((name) => library.byName(name)?.file)).toEqual([
    'ink.safetensors',
    'ink.safetensors',
    'ink.safetensors',
    'other.safetensors',
    'Moss.safetensors',
    'Moss.safetensors',
    'ink.safetensors',
    undefined,
  ])
})

test('the tags of a prompt join the stack with their strengths and leave the prompt', () => {
  const own = { adapter: library.byName('moss')?.id ?? '', weight: 0, enabled: true }
  const { prompt, loras, adapters } = stackOf({ prompt: 'a <lora:ink:0.5:0.9:hr=1> fox <lyco:other>', stack: [own] }, library)
  expect(prompt).toBe('a fox')
  expect(loras).toEqual([
    { file: join(root, 'library', 'Moss.safetensors'), weight: 0, enabled: true, triggers: [] },
    { file: join(root, 'library', 'ink.safetensors'), weight: 0.9, textWeight: 0.5, ignored: ['hr=1'], enabled: true, triggers: [] },
    { file: join(root, 'library', 'other.safetensors'), weight: 1, enabled: true, triggers: [] },
  ])
  expect(adapters).toEqual([
    { name: 'ink', weight: 0.9 },
    { name: 'other', weight: 1 },
  ])
  const { loras: blocked } = stackOf(
    { prompt: '<lora:ink:0.5:lbw=M00=0>', stack: [{ ...own, textWeight: 1, blocks: { IN04: -1 } }] },
    library,
  )
  expect(blocked).toMatchObject([
    { weight: 0, textWeight: 1, blocks: { IN04: -1 } },
    { weight: 0.5, blocks: { M00: 0 } },
  ])
  expect(() => stackOf({ prompt: '<lora:ink:1:lbw=1,2>', stack: [] }, library)).toThrow(expect.objectContaining({ code: 'block-weights' }))
  expect(() => stackOf({ prompt: '<lora:gone>', stack: [] }, library)).toThrow('no adapter of that name')
})

test('embeddings that the prompts may call come along, by file, own token or a word of their person; none stands in a stack', async () => {
  const files = (prompt: string, negative = '') =>
    stackOf({ prompt, negative, stack: [] }, library).embeddings.map(({ file }) => file.slice(join(root, 'library').length + 1))
  expect(files('a fox')).toEqual([])
  expect(files('a <CAT-toy>', '(bad HANDS:1.2)')).toEqual(['hands.safetensors', 'toy.safetensors'])
  const toy = library.byName('toy')?.id ?? ''
  await library.update(toy, { triggers: ['teddy'] })
  expect(stackOf({ prompt: 'a teddy', stack: [] }, library).embeddings).toEqual([
    { file: join(root, 'library', 'toy.safetensors'), alsoCalled: ['teddy'] },
  ])
  expect(() => stackOf({ prompt: 'a <lora:hands:1>', stack: [] }, library)).toThrow(/write its word "hands" into the prompt/)
  expect(() => stackOf({ prompt: '', stack: [{ adapter: toy, weight: 1, enabled: true }] }, library)).toThrow(/textual inversion/)
})
