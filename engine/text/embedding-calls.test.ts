import { expect, test } from 'vitest'
import type { Emphasis } from '../requests/generate.ts'
import { parseAttention } from './attention-weights.ts'
import { loadClipTokenizer } from './clip-tokenizer.ts'
import type { Embedding } from './embedding.ts'
import { unknownCalls } from './embedding-calls.ts'
import { promptChunks } from './prompt-chunks.ts'

const tokenizer = await loadClipTokenizer()
const embedding = (vectors: number, ...names: string[]): Embedding => ({
  names,
  vectors: { '': { shape: [vectors, 4], data: new Float32Array(vectors * 4) } },
  file: `${names[0]}.safetensors`,
})
const all = [
  embedding(2, 'bad_hands'),
  embedding(3, 'my style'),
  embedding(1, 'toy', '<cat-toy>'),
  embedding(10, 'long-one'),
  embedding(1, 'my'),
]

/** Chunks as words, `name*n` for n vectors of an embedding, with the weight behind what does not count 1. */
function read(prompt: string, emphasis: Emphasis, room = 75): string[] {
  return promptChunks(tokenizer, parseAttention(prompt, emphasis), room, emphasis, all).map((chunk) => {
    const told: string[] = []
    chunk.forEach(({ id, weight, vector }, n) => {
      const strength = weight === 1 ? '' : `:${Number(weight.toFixed(3))}`
      if (!vector) told.push(`${wordOf.get(id) ?? id}${strength}`)
      else if (vector.row === 0) {
        const rows = chunk.slice(n).findIndex((next, i) => next.vector?.row !== i)
        told.push(`${vector.embedding.names[0]}*${rows < 0 ? chunk.length - n : rows}${strength}`)
      }
    })
    return told.join(' ')
  })
}
const words = ['a', 'cat', 'red', ',', 'embedding', ':', 'my', 'style', 'toys', '.', 'nothere', 'dog', '1', '2']
const wordOf = new Map(words.flatMap((word) => tokenizer.encode(word).map((id) => [id, word] as const)))

test.each<[string, Emphasis, string[]]>([
  // A1111: wherever the tokens of the name stand, the longest name first, in any case, and never within a word.
  ['a bad_hands cat', 'a1111', ['a bad_hands*2 cat']],
  ['a BAD_Hands, cat', 'a1111', ['a bad_hands*2 , cat']],
  ['my style, my cat', 'a1111', ['my style*3 , my*1 cat']],
  ['a <cat-toy> toy toys', 'a1111', ['a toy*1 toy*1 toys']],
  ['(toy:1.3) [my style] ((toy))', 'a1111', ['toy*1:1.3 my style*3:0.909 toy*1:1.21']],
  ['embedding:toy, (embedding:toy:0.5)', 'a1111', ['toy*1 , toy*1:0.5']],
  ['a toy BREAK toy', 'a1111', ['a toy*1', 'toy*1']],
  // ComfyUI: behind "embedding:" alone.
  ['a toy, embedding:toy', 'comfyui', ['a toy , toy*1']],
  ['embedding:bad_hands.safetensors, (embedding:TOY:1.2) embedding:my style', 'comfyui', ['bad_hands*2 , toy*1:1.2 my style*3']],
  ['embedding:toy:1.2 a embedding:sub/toy.pt.', 'comfyui', ['toy*1:1.2 a toy*1 .']],
  ['a embedding:nothere cat, embedding:toys', 'comfyui', ['a cat ,']],
  // diffusers: the token, of the file or as it was given.
  ['a <CAT-toy>(toy)', 'none', [`a toy*1 ${tokenizer.encode('(')[0]} toy*1 ${tokenizer.encode(')')[0]}`]],
  ['toys', 'none', ['toys']],
])('%j, read as %s, is %j', (prompt, emphasis, chunks) => {
  wordOf.set(tokenizer.encode('toy')[0] ?? -1, 'toy')
  expect(read(prompt, emphasis)).toEqual(chunks)
})

test('vectors stay together at the border of a chunk for A1111, and for ComfyUI where they are fewer than 8', () => {
  expect(read('a a a long-one a', 'a1111', 12)).toEqual(['a a a', 'long-one*10 a'])
  expect(read('a a a embedding:long-one a', 'comfyui', 12)).toEqual(['a a a long-one*9', 'a'])
  expect(read('a a a my style', 'a1111', 5)).toEqual(['a a a', 'my style*3'])
  expect(read('a a a embedding:my style', 'comfyui', 5)).toEqual(['a a a', 'my style*3'])
})

test('the comma before a border takes along the vectors behind it', () => {
  expect(read('a a a a , a my style a a', 'a1111', 10)).toEqual(['a a a a ,', 'a my style*3 a a'])
})

test('calls of what is not there are told as written, the others are not', () => {
  expect(unknownCalls('embedding:nope, (embedding:toy:1.2) embedding: bad, embedding:toys, myembedding:x', all)).toEqual([
    'embedding:nope',
    'embedding: bad',
    'embedding:toys',
  ])
})

test('without embeddings every reading is that of the tokenizer', () => {
  const ids = promptChunks(tokenizer, [{ text: 'a cat, red toy', weight: 1 }], 75, 'a1111').flat()
  expect(ids).toEqual(tokenizer.encode('a cat, red toy').map((id) => ({ id, weight: 1 })))
})
