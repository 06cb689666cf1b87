import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { splitModuleKey } from '../adapter-formats/base-modules.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { readTensor, openSafetensors } from '../files/safetensors.ts'
import { Graph } from '../graph/graph.ts'
import { buildClipText } from '../models/clip-text.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { Parameters } from '../nn/parameters.ts'
import { Session } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import type { Embedding } from '../text/embedding.ts'
import { framePrompts } from '../text/encode-prompts.ts'
import { StackFeeds } from './adapted-session.ts'
import { Model } from './open-model.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-inserted-'))))
afterAll(() => rm(folder, { recursive: true }))

const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })

describe.each([['sd1', ['clip_l']] as const, ['sdxl', ['clip_l', 'clip_g']] as const])('%s', (family, encoders) => {
  let model: Model
  beforeAll(async () => {
    await writeDiffusers(join(folder, family), soundModel(family))
    // Letters that are words of their own.
    await writeFile(
      join(folder, family, 'tokenizer/vocab.json'),
      JSON.stringify({ 'a</w>': 3, 'b</w>': 4, '<|startoftext|>': 18, '<|endoftext|>': 19 }),
    )
    model = await Model.open(join(folder, family), { threads: 1 })
  })
  afterAll(() => model[Symbol.asyncDispose]())

  const widths = () => model.checkpoint.textEncoders.map(({ config }) => config.width)
  const drawn = (name: string, rows: number): Embedding => ({
    names: [name],
    vectors: Object.fromEntries(encoders.map((encoder, i) => [encoder, random(`${name} ${encoder}`, [rows, widths()[i] ?? 0])])),
    file: `${name}.safetensors`,
  })
  const encode = async (prompt: string, embeddings: readonly Embedding[] = [], stack: readonly StackEntry[] = []) =>
    (await model.encodePrompts([prompt], { embeddings, emphasis: 'a1111', feeds: new StackFeeds(stack) })).context.data

  test('without embeddings the states are those of a graph without the inputs, bit for bit', async () => {
    for (const [i, { config, weights }] of model.checkpoint.textEncoders.entries()) {
      const graph = new Graph('plain')
      const ids = graph.input('ids', 'int64', ['N', config.positions])
      graph.output('context', buildClipText(new Parameters(graph, weights), config, ids).context)
      const session = await Session.create(graph, { threads: 1 })
      const frames = framePrompts(model.tokenizer, config, [[{ text: 'a b', weight: 1 }]], { emphasis: 'none', encoder: '' })
      const plain = await session.run({ ids: { shape: [1, config.positions], data: frames.ids } })
      await session[Symbol.asyncDispose]()
      const before = widths()
        .slice(0, i)
        .reduce((sum, width) => sum + width, 0)
      const { context } = await model.encodePrompts(['a b'])
      const [, positions = 0, width = 0] = context.shape
      const own = Float32Array.from({ length: positions * config.width }, (_, n) => {
        return context.data[Math.floor(n / config.width) * width + before + (n % config.width)] ?? NaN
      })
      expect(own).toEqual((plain.context as Tensor).data)
    }
  })

  test('an embedding with the vectors of a word is that word, in both encoders, with emphasis and under adapters', async () => {
    const word = 'b'
    const vectors: Record<string, Tensor> = {}
    for (const [i, { weights }] of model.checkpoint.textEncoders.entries()) {
      const source = weights.get('text_model.embeddings.token_embedding.weight')
      const file = await openSafetensors(source?.file ?? '')
      const table = await readTensor(file, [...file.entries.keys()].find((key) => key.endsWith('token_embedding.weight')) ?? '')
      const [, width = 0] = table.shape
      const rows = model.tokenizer.encode(`${word} ${word}`).map((id) => [...table.data.subarray(id * width, (id + 1) * width)])
      vectors[encoders[i] ?? ''] = { shape: [rows.length, width], data: Float32Array.from(rows.flat()) }
    }
    const twice: Embedding = { names: ['a'], vectors, file: 'a.safetensors' }
    const key = [...model.modules.shapes.keys()].find((name) => name.startsWith('text_encoder.') && name.endsWith('q_proj')) ?? ''
    const [O = 0, I = 0] = model.modules.shapes.get(key) ?? []
    const module = loraModule(splitModuleKey(key), { down: random('down', [2, I]), up: random('up', [O, 2]), alpha: 2 })
    const stack = [{ adapter: { name: 'x', modules: [module], metadata: {}, skipped: [] }, weight: 1, enabled: true }]
    for (const entries of [[], stack])
      for (const [called, spelt] of [
        ['a', 'b b'],
        ['b (a:1.3)', 'b (b b:1.3)'],
        ['a BREAK a', 'b b BREAK b b'],
      ] as const)
        expect(await encode(called, [twice], entries)).toEqual(await encode(spelt, [], entries))
    expect(relativeL2(await encode('a', [twice], stack), await encode('a', [twice]))).toBeGreaterThan(1e-3)
  })

  test('several embeddings in one prompt each stand in their own places', async () => {
    const [one, two] = [drawn('a', 1), drawn('b', 2)]
    const both = await encode('a b', [one, two])
    expect(both).toEqual(await encode('A b', [two, one]))
    expect(relativeL2(both, await encode('a b', [one]))).toBeGreaterThan(1e-3)
    expect(relativeL2(both, await encode('a b', [two]))).toBeGreaterThan(1e-3)
  })
})
