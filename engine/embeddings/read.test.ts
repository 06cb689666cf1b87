import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSafetensors } from '../files/safetensors.ts'
import { families } from '../models/families/index.ts'
import { elementCount } from '../tensor/tensor.ts'
import { callableEmbeddings } from './callable.ts'
import { checkFit, embeddingFamily } from './fit.ts'
import { readEmbeddings } from './read.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-embeddings-'))))
afterAll(() => rm(folder, { recursive: true }))

type Stored = 'F32' | 'F16' | 'I32'
async function write(name: string, tensors: Readonly<Record<string, readonly number[]>>, fill = 1, dtype: Stored = 'F32'): Promise<string> {
  const path = join(folder, `${name}.safetensors`)
  const data = (shape: readonly number[]): Uint8Array => {
    const count = elementCount(shape)
    if (dtype === 'F16') return new Uint8Array(new Uint16Array(count).fill(0x3c00).buffer)
    return new Uint8Array((dtype === 'I32' ? new Int32Array(count).fill(fill) : new Float32Array(count).fill(fill)).buffer)
  }
  await writeSafetensors(
    path,
    Object.entries(tensors).map(([key, shape]) => ({ name: key, dtype, shape, data: data(shape) })),
  )
  return path
}

const checkpointOf = (name: string) => {
  const found = families.find((family) => family.name === name)
  if (!found) throw new Error(name)
  return { family: found.name, textEncoders: found.published.textEncoders.map((config) => ({ config, weights: new Map<string, never>() })) }
}

test.each<[string, Record<string, number[]>, string[][], Record<string, number[]>, string]>([
  ['A1111 for SD 1', { emb_params: [3, 768] }, [['A1111 for SD 1']], { '': [3, 768] }, 'sd1'],
  ['A1111 for SD 2', { emb_params: [2, 1024] }, [['A1111 for SD 2']], { '': [2, 1024] }, 'sd2'],
  ['OneTrainer', { emp_params: [1, 768] }, [['OneTrainer']], { '': [1, 768] }, 'sd1'],
  ['SDXL', { clip_l: [4, 768], clip_g: [4, 1280] }, [['SDXL']], { clip_l: [4, 768], clip_g: [4, 1280] }, 'sdxl'],
  ['OneTrainer in LoRA names, for SD 2', { clip_l: [4, 1024] }, [['OneTrainer in LoRA names, for SD 2']], { clip_l: [4, 1024] }, 'sd2'],
  ['of diffusers', { '<cat-toy>': [768] }, [['of diffusers', '<cat-toy>']], { '': [1, 768] }, 'sd1'],
  ['several vectors', { '<cat-toy>': [3, 768] }, [['several vectors', '<cat-toy>']], { '': [3, 768] }, 'sd1'],
  ['a word', { 'my token': [1, 768] }, [['a word', 'my token']], { '': [1, 768] }, 'sd1'],
  ['two tokens', { '<a>': [768], '<b>': [768] }, [['<a>'], ['<b>']], { '': [1, 768] }, 'sd1'],
  ['a .pt turned', { 'string_to_param.*': [2, 768] }, [['a .pt turned']], { '': [2, 768] }, 'sd1'],
])('reads %s', async (name, tensors, names, shapes, family) => {
  const read = await readEmbeddings(await write(name, tensors))
  expect(read.map((one) => one.names)).toEqual(names)
  const [first] = read
  expect(Object.fromEntries(Object.entries(first?.vectors ?? {}).map(([encoder, { shape }]) => [encoder, shape]))).toEqual(shapes)
  for (const one of read) {
    expect(embeddingFamily(one)?.name).toBe(family)
    checkFit(one, checkpointOf(family))
    for (const other of families) if (other.name !== family) expect(() => checkFit(one, checkpointOf(other.name))).toThrow(/does not fit/)
  }
})

test('a name that is given stands for that of the file; halves are read as floats', async () => {
  const [one] = await readEmbeddings(await write('half', { emb_params: [2, 768] }, 1, 'F16'), 'Ink Style')
  expect([one?.names, one?.vectors['']?.data.every((value) => value === 1)]).toEqual([['Ink Style'], true])
})

test.each<[string, Record<string, number[]>, number, Stored, string, RegExp]>([
  ['no vector', { emb_params: [0, 768] }, 1, 'F32', 'embedding-broken', /at least one vector, got \[0, 768\]/],
  ['of no width', { emb_params: [2, 0] }, 1, 'F32', 'embedding-broken', /got \[2, 0\]/],
  ['a cube', { emb_params: [1, 2, 768] }, 1, 'F32', 'embedding-broken', /got \[1, 2, 768\]/],
  ['NaN', { emb_params: [2, 768] }, NaN, 'F32', 'embedding-broken', /holds NaN at position 0/],
  ['infinity', { '<x>': [768] }, Infinity, 'F32', 'embedding-broken', /holds Infinity/],
  ['76 vectors', { emb_params: [76, 768] }, 1, 'F32', 'embedding-broken', /has 76 vectors.*room for 75/],
  ['whole numbers', { emb_params: [2, 768] }, 1, 'I32', 'embedding-broken', /stored as I32/],
  ['unequal counts', { clip_l: [2, 768], clip_g: [3, 1280] }, 1, 'F32', 'embedding-broken', /"clip_g" has 3, "clip_l" has 2/],
  ['only behind', { clip_l_out: [2, 768] }, 1, 'F32', 'embedding-broken', /behind the text encoder/],
  [
    'a LoRA',
    { 'lora_te_a.lora_down.weight': [2, 768], 'lora_te_a.lora_up.weight': [768, 2] },
    1,
    'F32',
    'embedding-unknown-format',
    /emb_params/,
  ],
  ['a weight', { 'model.weight': [2, 768] }, 1, 'F32', 'embedding-unknown-format', /Choose another file/],
  ['a picture', { latents: [1, 4, 8, 8] }, 1, 'F32', 'embedding-unknown-format', /Choose another file/],
])('refuses %s', async (name, tensors, fill, dtype, code, message) => {
  const path = await write(`bad ${name}`, tensors, fill, dtype)
  await expect(readEmbeddings(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown, facts: { path } })
})

test('a pickle is refused with the way out', async () => {
  const path = join(folder, 'easynegative.pt')
  await writeFile(path, Uint8Array.from([0x80, 2, 0x7d]))
  await expect(readEmbeddings(path)).rejects.toMatchObject({ code: 'pickle-refused' })
})

test('a wrong width says what was expected, what is there and for what it seems to be made', async () => {
  const [one] = await readEmbeddings(await write('xl', { clip_l: [1, 768], clip_g: [1, 1280] }))
  expect(() => checkFit(one!, checkpointOf('sd1'))).toThrow(
    /"xl" .* does not fit this Stable Diffusion 1.x model: expected vectors of width 768 \(clip_l\), got width 1280 \(clip_g\) and width 768 \(clip_l\)\. It seems to be made for Stable Diffusion XL/,
  )
})

test('what does not fit and names that come twice are told, the first is called', async () => {
  const [ink] = await readEmbeddings(await write('ink', { emb_params: [1, 768] }))
  const [other] = await readEmbeddings(await write('other', { emb_params: [2, 768] }), 'INK')
  const [wide] = await readEmbeddings(await write('wide', { emb_params: [2, 1024] }))
  const adapter = { name: 'x', modules: [], metadata: {}, skipped: [], embeddings: [{ ...other!, bundled: true as const }] }
  const of = (weight: number) => {
    const steps = callableEmbeddings(checkpointOf('sd1'), [ink!, wide!], [{ adapter, weight, enabled: true }])
    const told: unknown[] = []
    for (;;) {
      const next = steps.next()
      if (next.done) return { told, names: next.value.map(({ names }) => names[0]) }
      told.push('code' in next.value ? next.value.code : next.value)
    }
  }
  expect(of(1)).toEqual({ told: ['embedding-family-mismatch', 'embedding-twice'], names: ['ink', 'INK'] })
  expect(of(0)).toEqual({ told: ['embedding-family-mismatch'], names: ['ink'] })
})
