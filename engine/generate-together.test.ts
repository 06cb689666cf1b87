import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitModuleKey } from './adapter-formats/base-modules.ts'
import type { StackEntry } from './adapters/stack.ts'
import { soundModel, writeDiffusers } from './models/testing.ts'
import { generateRequest, type GenerateRequest } from './requests/generate.ts'
import { loraModule } from './adapters/variants/lora.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, relativeL2 } from './tensor/tensor.ts'
import { encodeTogether } from './guidance/encode-together.ts'
import { generate, generateTogether, type Generated } from './generate.ts'
import { Model } from './sessions/open-model.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-together-'))
  await writeDiffusers(join(folder, 'sdxl'), soundModel('sdxl'))
  model = await Model.open(join(folder, 'sdxl'), { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const pictures = [
  { prompt: 'ab', seed: 5 },
  { prompt: 'b (a:1.4)', seed: 6 },
  { prompt: '', seed: 7 },
]
const request = generateRequest.parse({ prompt: '', negative: 'b', steps: 4, width: 64, height: 48, sampler: 'euler-ancestral' })
const cases: Record<string, Partial<GenerateRequest>> = {
  'guided by a negative prompt': {},
  'without guidance': { cfg: 1 },
  'with zeros for the absent text of SDXL': { negative: '' },
  'guided over half of the way': { guidanceStop: 0.5 },
  'with the adapters guided apart': { adapterGuidance: 2, guidanceStop: 0.75 },
}

test.each(Object.entries(cases))('pictures drawn together are those drawn alone: %s', async (_, change) => {
  const wanted = { ...request, ...change }
  const together = await drainAll(generateTogether(model, wanted, pictures, { stack: stack() }))
  const alone: Generated[] = []
  for (const own of pictures) alone.push(await drainAll(generate(model, { ...wanted, ...own }, { stack: stack() })))
  expect(together.map(({ latents }) => latents.shape)).toEqual(alone.map(({ latents }) => latents.shape))
  const apart = together.map(({ latents }, k) => relativeL2(latents.data, alone[k]?.latents.data ?? []))
  expect(Math.max(...apart)).toBeLessThan(1e-5)
  // Each is its own: the second drawn in the first's place would be seen.
  expect(relativeL2(together[1]?.latents.data ?? [], alone[0]?.latents.data ?? [])).toBeGreaterThan(0.1)
})

test('a longer prompt gives the others empty frames; rows lie prompt by prompt', async () => {
  const long = 'a b a b a b a b'
  const { context } = await encodeTogether(
    model,
    [
      ['b', 'ab'],
      ['b', long],
    ],
    {},
    (one) => one,
  )
  const [, tokens = 0, width = 0] = context.shape
  expect(context.shape).toEqual([4, 14, 80])
  const row = (k: number) => context.data.subarray(k * tokens * width, (k + 1) * tokens * width)
  const alone = async (prompt: string) => (await model.encodePrompts([prompt], { minChunks: 2 })).context.data
  for (const [k, prompt] of ['b', 'b', 'ab', long].entries()) expect(relativeL2(row(k), await alone(prompt))).toBeLessThan(1e-6)
})

test('nothing asked for is nothing drawn', async () => {
  expect(await drainAll(generateTogether(model, request, []))).toEqual([])
})

async function drainAll<T>(making: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await making.next()
    if (next.done) return next.value
  }
}

function stack(): StackEntry[] {
  const modules = [...model.modules.shapes]
    .filter(([key]) => /attn\d\.to_|self_attn|mlp/.test(key))
    .map(([key, [O = 0, I = 0]]) => {
      const part = (half: string, shape: number[], scale: number) => {
        const data = randomStream(3, half + key, 0).normal(elementCount(shape))
        return { shape, data: data.map((x) => x * scale) }
      }
      return loraModule(splitModuleKey(key), { down: part('down', [2, I], 1 / Math.sqrt(I)), up: part('up', [O, 2], 0.2), alpha: 2 })
    })
  return [{ adapter: { name: 'some', modules, metadata: {}, skipped: [] }, weight: 1, enabled: true }]
}
