// Textual inversions by the command line: given by file, found in a folder, bundled in an adapter, and what pictures and errors say of them.
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openSafetensors, readBytes, readTensor, writeSafetensors, type TensorToWrite } from '../../engine/files/safetensors.ts'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { doneHere } from '../cli/done-here.ts'
import { generate as generateCommand } from '../commands/generate.ts'
import { exportAdapter } from './tools/export-adapter.ts'
import { inspect } from './tools/inspect.ts'
import { inspectAdapter } from './tools/inspect-adapter.ts'
import { mergeAdapters } from './tools/merge-adapters.ts'
import { fakeContext, never, randomAdapter, workFolder, writeTinyModel } from './testing.ts'

const generate = doneHere(generateCommand)
const folder = await workFolder()
const model = folder.at('tiny')
let width = 0

const vectors = (name: string, rows: number, wide = width): TensorToWrite => ({
  name,
  dtype: 'F32',
  shape: [rows, wide],
  data: new Uint8Array(randomStream(9, name, rows).normal(rows * wide).buffer),
})

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  // Letters that are words of their own.
  const vocabulary = { 'a</w>': 3, 'b</w>': 4, 'c</w>': 5, '<|startoftext|>': 18, '<|endoftext|>': 19 }
  await writeFile(folder.at('tiny', 'tokenizer', 'vocab.json'), JSON.stringify(vocabulary))
  const checkpoint = await openCheckpoint(model)
  width = checkpoint.textEncoders[0]?.config.width ?? 0
  await mkdir(folder.at('library'))
  await writeSafetensors(folder.at('library', 'b.safetensors'), [vectors('emb_params', 2)])
  await writeSafetensors(folder.at('wide.safetensors'), [vectors('emb_params', 1, 1024)])
  await writeSafetensors(folder.at('xl.safetensors'), [vectors('clip_l', 3, 768), vectors('clip_g', 3, 1280)])
  await writeSafetensors(folder.at('long.safetensors'), [vectors('emb_params', 75)])
  await writeFile(folder.at('old.pt'), Uint8Array.of(0x80, 2, 0x7d))
  const lora = folder.at('lora.safetensors')
  await writeAdapter(await randomAdapter(model, 'ink'), 'kohya', lora, { modules: moduleShapes(checkpoint), precision: 'fp32' })
  const file = await openSafetensors(lora)
  const all = await Promise.all(
    [...file.entries.values()].map(async ({ name, dtype, shape }) => ({
      name,
      dtype: dtype as 'F32',
      shape,
      data: await readBytes(file, name),
    })),
  )
  await writeSafetensors(folder.at('bundle.safetensors'), [...all, vectors('bundle_emb.c.emb_params', 1)])
})
afterAll(folder.remove)

test('a merge has no place for the embeddings of an adapter, and says so', async () => {
  const files = ['bundle', 'lora'].map((name) => ({ file: folder.at(`${name}.safetensors`), weight: 1 }))
  const { leftOut } = await mergeAdapters({ method: 'linear', seed: 0, model, files }, fakeContext())
  expect(leftOut).toMatchObject([{ layer: 'embedding:c', reason: expect.stringContaining('"bundle"') as unknown }])
})

async function draw(name: string, given: Partial<Parameters<typeof generate.input.parse>[0] & object>) {
  const context = fakeContext()
  const out = folder.at(`${name}.png`)
  const usual = { model, prompt: 'a', steps: 1, cfg: 2, width: 32, height: 32, loraFolder: folder.at('nothing'), out }
  const result = await generate.run(context, generate.input.parse({ ...usual, ...given }), never)
  const bytes = await readFile(out)
  // Every picture here is much smaller than what the model was made for, and tells so.
  const warnings = context.records.flatMap(({ type, code }) => (type === 'warning' && code !== 'draw-size-far' ? [code] : []))
  return {
    result,
    warnings,
    text: readPngText(bytes, name)[0]?.text ?? '',
    pixels: createHash('sha256')
      .update(bytes.subarray(bytes.indexOf('IDAT')))
      .digest('hex'),
  }
}

const b = () => folder.at('library', 'b.safetensors')
const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 12)

test('a file is called by its name, and by the word that it is given; the picture names it with its hash', async () => {
  const plain = await draw('plain', { prompt: 'a b' })
  const named = await draw('named', { prompt: 'a b', embedding: [b()] })
  expect(named.pixels).not.toBe(plain.pixels)
  expect(named.text).toContain(`, TI hashes: "b: ${await hashOf(b())}"`)
  expect(named.result).toMatchObject({ embeddings: [{ name: 'b', vectors: 2, hash: await hashOf(b()) }] })
  const given = await draw('given', { prompt: 'a c', embedding: [`${b()}=c`] })
  expect(given.pixels).toBe(named.pixels)
  expect(given.text).toContain('TI hashes: "c: ')
  // One that nothing calls changes nothing and is not named.
  const idle = await draw('idle', { prompt: 'a b', embedding: [`${b()}=c`] })
  expect([idle.pixels, idle.text.includes('TI hashes'), idle.warnings]).toEqual([plain.pixels, false, []])
})

test('the folder of adapters has them too, for the prompt and for the negative one', async () => {
  const named = await draw('folder', { prompt: 'a b', loraFolder: folder.at('library') })
  expect(named.pixels).toBe((await draw('again', { prompt: 'a b', embedding: [b()] })).pixels)
  const negative = await draw('negative', { negative: '(b:1.2)', loraFolder: folder.at('library') })
  expect(negative.text).toContain('TI hashes: "b: ')
  expect(negative.pixels).not.toBe((await draw('without', { negative: '(b:1.2)' })).pixels)
})

test('one that comes with an adapter is there while the adapter acts, stacked and folded', async () => {
  const lora = (weight: number) => [{ file: folder.at('bundle.safetensors'), weight }]
  const bare = [{ file: folder.at('lora.safetensors'), weight: 1 }]
  const drawn = await draw('bundled', { prompt: 'a c', lora: lora(1) })
  expect([drawn.warnings, drawn.pixels === (await draw('bare', { prompt: 'a c', lora: bare })).pixels]).toEqual([[], false])
  expect((await draw('b1', { prompt: 'a', lora: lora(1) })).pixels).toBe((await draw('b2', { prompt: 'a', lora: bare })).pixels)
  expect((await draw('off', { prompt: 'a c', lora: lora(0) })).pixels).toBe((await draw('none', { prompt: 'a c' })).pixels)
  const folded = await draw('folded', { prompt: 'a c', lora: lora(1), mode: 'folded' })
  expect(folded.pixels).not.toBe((await draw('folded bare', { prompt: 'a c', lora: bare, mode: 'folded' })).pixels)
})

test('an export for A1111 and ComfyUI keeps what comes with the adapter; what another format has no place for is told', async () => {
  const exported = async (to: 'kohya' | 'peft', out: string) => {
    const context = fakeContext()
    await exportAdapter({ file: folder.at('bundle.safetensors'), to, out, model, strip: false }, context)
    return context.records.filter(({ type }) => type === 'warning').map(({ message }) => message)
  }
  const out = folder.at('exported.safetensors')
  expect(await exported('kohya', out)).toEqual([])
  const [copy, own] = await Promise.all([openSafetensors(out), openSafetensors(folder.at('bundle.safetensors'))])
  expect(await readTensor(copy, 'bundle_emb.c.string_to_param.*')).toEqual(await readTensor(own, 'bundle_emb.c.emb_params'))
  expect(await exported('peft', folder.at('exported'))).toEqual([
    expect.stringMatching(/^c is not in the new file: This format has no place/),
  ])
})

test('what cannot be used is refused with what was expected and what to do', async () => {
  const failed = (embedding: string) => draw('refused', { prompt: 'a b', embedding: [embedding] })
  await expect(failed(folder.at('wide.safetensors'))).rejects.toMatchObject({
    code: 'embedding-family-mismatch',
    message: expect.stringMatching(
      new RegExp(`expected vectors of width ${width} .*, got width 1024.*made for Stable Diffusion 2`),
    ) as unknown,
  })
  await expect(failed(folder.at('xl.safetensors'))).rejects.toMatchObject({ code: 'embedding-family-mismatch' })
  await expect(failed(folder.at('long.safetensors'))).rejects.toMatchObject({ code: 'embedding-too-long' })
  await expect(failed(folder.at('old.pt'))).rejects.toMatchObject({ code: 'pickle-refused' })
  await expect(failed(folder.at('lora.safetensors'))).rejects.toMatchObject({ code: 'embedding-unknown-format' })
  await expect(failed(`${b()}=`)).rejects.toThrow(/write FILE=TOKEN/)
})

test('calls of what is not there and words that come twice are warned of', async () => {
  expect((await draw('gone', { prompt: 'a embedding:nothere' })).warnings).toEqual(['embedding-unknown'])
  expect((await draw('twice', { prompt: 'a b', embedding: [b(), `${b()}=B`] })).warnings).toEqual(['embedding-twice'])
})

test('inspect tells words, vectors, encoders and family', async () => {
  expect(await inspect({ file: folder.at('xl.safetensors') }, { signal: never })).toMatchObject({
    kind: 'embedding',
    family: 'sdxl',
    fits: 'Stable Diffusion XL',
    triggers: ['xl'],
    vectors: 3,
    encoders: { clip_l: '768 wide', clip_g: '1280 wide' },
  })
  expect(await inspect({ file: b(), model }, { signal: never })).toMatchObject({ family: 'sd1', vectors: 2 })
  await expect(inspect({ file: folder.at('wide.safetensors'), model }, { signal: never })).rejects.toMatchObject({
    code: 'embedding-family-mismatch',
  })
  expect(await inspect({ file: folder.at('bundle.safetensors'), model }, { signal: never })).toMatchObject({
    kind: 'adapter',
    triggers: ['c'],
    embeddings: [{ name: 'c', vectors: 1 }],
    leftOut: 0,
  })
  expect(await inspectAdapter({ path: folder.at('xl.safetensors') }, { signal: never })).toMatchObject({
    kind: 'embedding',
    format: 'Textual inversion',
    vectors: 3,
    triggers: ['xl'],
    layers: 0,
  })
})
