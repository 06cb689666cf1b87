// Differences of weights, biases and norms as LyCORIS and ComfyUI name them, alone and beside pairs in one file.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { compareAdapters } from '../adapters/compare.ts'
import { writeSafetensors } from '../files/safetensors.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount } from '../tensor/tensor.ts'
import { fixtureBase } from './fixtures/load.ts'
import { stored } from './format.ts'
import { readAdapter, writeAdapter } from './read.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const sd1 = fixtureBase('sd1')
type Shapes = Readonly<Record<string, readonly number[]>>

let files = 0
async function write(shapes: Shapes, fill?: number): Promise<string> {
  const path = join(folder, `${files++}.safetensors`)
  const values = (key: string, count: number): Float32Array =>
    fill === undefined ? randomStream(1, key, 0).normal(count) : new Float32Array(count).fill(fill)
  await writeSafetensors(
    path,
    Object.entries(shapes).map(([key, shape]) => stored(key, { shape, data: values(key, elementCount(shape)) }, 'fp32')),
  )
  return path
}

const kinds = ({ modules }: Adapter): string[] =>
  modules.map(({ component, path, variant }) => `${component}.${path}: ${variant}`).toSorted()

const resnet = 'mid_block.resnets.0'
const layer = 'text_model.encoder.layers.3'
test.each<[string, Shapes, string[]]>([
  [
    'LyCORIS, full with norms',
    {
      'lora_unet_conv_in.diff': [320, 4, 3, 3],
      'lora_unet_conv_in.diff_b': [320],
      'lora_unet_time_embedding_linear_1.diff': [1280, 320],
      'lora_unet_mid_block_attentions_0_proj_in.diff': [1280, 1280],
      'lora_unet_mid_block_resnets_0_norm1.w_norm': [1280],
      'lora_unet_mid_block_resnets_0_norm1.b_norm': [1280],
      'lora_unet_mid_block_attentions_0_transformer_blocks_0_norm2.w_norm': [1280],
      'lora_te_text_model_encoder_layers_3_layer_norm1.w_norm': [768],
      'lora_te_text_model_encoder_layers_3_layer_norm1.b_norm': [768],
      'lora_te_text_model_final_layer_norm.b_norm': [768],
    },
    [
      'unet.conv_in: bias',
      'unet.conv_in: full',
      'unet.time_embedding.linear_1: full',
      'unet.mid_block.attentions.0.proj_in: full',
      `unet.${resnet}.norm1: bias`,
      `unet.${resnet}.norm1: full`,
      'unet.mid_block.attentions.0.transformer_blocks.0.norm2: full',
      `text_encoder.${layer}.layer_norm1: bias`,
      `text_encoder.${layer}.layer_norm1: full`,
      'text_encoder.text_model.final_layer_norm: bias',
    ],
  ],
  [
    'ComfyUI, what it extracts: pairs, biases beside them, norms and embeddings',
    {
      'diffusion_model.input_blocks.0.0.lora_down.weight': [8, 4, 3, 3],
      'diffusion_model.input_blocks.0.0.lora_up.weight': [320, 8, 1, 1],
      'diffusion_model.input_blocks.0.0.alpha': [],
      'diffusion_model.input_blocks.0.0.diff_b': [320],
      'diffusion_model.out.0.diff': [320],
      'diffusion_model.out.0.diff_b': [320],
      'diffusion_model.time_embed.2.set_weight': [1280, 1280],
      'diffusion_model.time_embed.2.diff_b': [1280],
      [`text_encoders.clip_l.transformer.${layer}.layer_norm2.diff`]: [768],
      [`text_encoders.clip_l.transformer.${layer}.mlp.fc1.diff_b`]: [3072],
      'text_encoders.clip_l.transformer.text_model.embeddings.position_embedding.diff': [77, 768],
    },
    [
      'unet.conv_in: bias',
      'unet.conv_in: lora',
      'unet.conv_norm_out: bias',
      'unet.conv_norm_out: full',
      'unet.time_embedding.linear_2: bias',
      'unet.time_embedding.linear_2: set-weight',
      `text_encoder.${layer}.layer_norm2: full`,
      `text_encoder.${layer}.mlp.fc1: bias`,
      'text_encoder.text_model.embeddings.position_embedding: full',
    ],
  ],
  [
    'diffusers’ paths',
    {
      'unet.conv_out.diff': [4, 320, 3, 3],
      'unet.mid_block.resnets.0.norm2.diff': [1280],
      [`text_encoder.${layer}.self_attn.q_proj.diff_b`]: [768],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight': [2, 1280],
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight': [1280, 2],
      // A layer that has no bias gets one.
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.diff_b': [1280],
    },
    [
      'unet.conv_out: full',
      `unet.${resnet}.norm2: full`,
      `text_encoder.${layer}.self_attn.q_proj: bias`,
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q: lora',
      'unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q: bias',
    ],
  ],
])('%s', async (_, shapes, expected) => {
  const read = await readAdapter(await write(shapes), sd1)
  expect([kinds(read), read.skipped]).toEqual([expected.toSorted(), []])
  for (const format of ['kohya', 'ldm']) {
    const [file = ''] = await writeAdapter(read, format, join(folder, `${files++}`), { modules: sd1, precision: 'fp32' })
    const again = await readAdapter(file, sd1)
    expect(again.skipped).toEqual([])
    expect(compareAdapters(read, again)).toMatchObject({ identical: true, missing: [] })
  }
  for (const format of ['peft', 'diffusers'])
    await expect(writeAdapter(read, format, join(folder, `${files++}`), { modules: sd1, precision: 'fp32' })).rejects.toMatchObject({
      code: 'adapter-format-variant',
    })
})

test('a norm keeps the names that LyCORIS has for it, whatever it was read under', async () => {
  const read = await readAdapter(await write({ 'diffusion_model.out.0.diff': [320], 'diffusion_model.out.0.diff_b': [320] }), sd1)
  expect(read.modules.flatMap(({ tensors }) => Object.keys(tensors)).toSorted()).toEqual(['normBiasDelta', 'normDelta'])
})

const good = { 'lora_unet_conv_in.diff_b': [320] }
test.each<[string, Shapes, number | undefined, string, RegExp]>([
  [
    'a difference of another shape',
    { 'lora_unet_conv_in.diff': [320, 8, 3, 3] },
    0,
    'adapter-family-mismatch',
    /takes a difference of \[320, 4, 3, 3\], got \[320, 8, 3, 3\]/,
  ],
  [
    'a transposed one',
    { 'lora_unet_time_embedding_linear_1.diff': [320, 1280] },
    0,
    'adapter-family-mismatch',
    /\[1280, 320\], got \[320, 1280\]/,
  ],
  [
    'a bias of another width',
    { 'lora_unet_conv_in.diff_b': [640] },
    0,
    'adapter-family-mismatch',
    /takes a difference of \[320\], got \[640\]/,
  ],
  ['a norm of another width', { 'lora_unet_conv_norm_out.w_norm': [640] }, 0, 'adapter-family-mismatch', /\[320\], got \[640\]/],
  ['NaN', good, NaN, 'adapter-broken', /diff_b" holds NaN at position 0/],
  [
    'one norm under two names',
    { 'lora_unet_conv_norm_out.w_norm': [320], 'lora_unet_conv_norm_out.diff': [320] },
    0,
    'adapter-broken',
    /parts of different kinds/,
  ],
])('refuses %s', async (_, shapes, fill, code, message) => {
  const failure = readAdapter(await write(shapes, fill), sd1)
  await expect(failure).rejects.toMatchObject({ code })
  await expect(failure).rejects.toThrow(message)
})

test('sparse numbers beside a pair are named, and the pair is used', async () => {
  const stem = 'lora_unet_mid_block_attentions_0_proj_in'
  const pair = { [`${stem}.lora_down.weight`]: [2, 1280], [`${stem}.lora_up.weight`]: [1280, 2] }
  const sparse = { [`${stem}.bias_indices`]: [2, 3], [`${stem}.bias_values`]: [3], [`${stem}.bias_size`]: [2] }
  const read = await readAdapter(await write({ ...pair, ...sparse }), sd1)
  expect(kinds(read)).toEqual(['unet.mid_block.attentions.0.proj_in: lora'])
  const reasons = Object.fromEntries(read.skipped.map(({ key, reason }) => [key, reason.split(' beside')[0]]))
  expect(reasons).toEqual(Object.fromEntries(Object.keys(sparse).map((key) => [key, 'What LyCORIS extracts as sparse numbers'])))
})

test('a pair on a norm or an embedding is left out with the reason, and is no stranger', async () => {
  const stem = 'lora_te_text_model_embeddings_position_embedding'
  const read = await readAdapter(await write({ ...good, [`${stem}.lora_down.weight`]: [2, 768], [`${stem}.lora_up.weight`]: [77, 2] }), sd1)
  expect(kinds(read)).toEqual(['unet.conv_in: bias'])
  expect(read.skipped).toEqual(
    ['lora_down', 'lora_up'].map((part) => ({
      key: `${stem}.${part}.weight`,
      reason: 'It stands on a norm or an embedding, of which only whole differences are supported.',
    })),
  )
})
