import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSafetensors } from '../files/safetensors.ts'
import { elementCount } from '../tensor/tensor.ts'
import { skippedReasons, type Adapter } from '../adapters/adapter.ts'
import { splitModuleKey } from './base-modules.ts'
import { fixtureBase } from './fixtures/load.ts'
import { stored } from './format.ts'
import { readAdapter } from './read.ts'
import { modulesOfStem } from './stems.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const sd1 = fixtureBase('sd1')
const sdxl = fixtureBase('sdxl')

async function write(
  name: string,
  shapes: Iterable<[string, readonly number[]]>,
  fill = 0,
  metadata?: Record<string, string>,
): Promise<string> {
  const path = join(folder, `${name}.safetensors`)
  const tensors = [...shapes].map(([key, shape]) => stored(key, { shape, data: new Float32Array(elementCount(shape)).fill(fill) }, 'fp32'))
  await writeSafetensors(path, tensors, metadata)
  return path
}

const shapesOf = (tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))

describe('resolves every spelling of', () => {
  const q = 'down_blocks.1.attentions.0.transformer_blocks.0.attn2'
  const pair = (down: string, up: string, O = 640, I = 640): [string, number[]][] => [
    [down, [2, I]],
    [up, [O, 2]],
  ]
  const cases: [string, string, [string, number[]][]][] = [
    ['attn-procs', `${q}.to_q`, pair(`unet.${q}.processor.to_q_lora.down.weight`, `unet.${q}.processor.to_q_lora.up.weight`)],
    ['attn-procs without prefix', `${q}.to_out.0`, pair(`${q}.processor.to_out_lora.down.weight`, `${q}.processor.to_out_lora.up.weight`)],
    ['diffusers intermediate', `${q}.to_out.0`, pair(`unet.${q}.to_out.0.lora.down.weight`, `unet.${q}.to_out.0.lora.up.weight`)],
    [
      'peft in memory',
      `${q}.to_q`,
      pair(`base_model.model.${q}.to_q.lora_A.default.weight`, `base_model.model.${q}.to_q.lora_B.default.weight`),
    ],
    [
      'diffusers flat',
      `${q}.to_q`,
      pair(`lora_unet_${q.replaceAll('.', '_')}_to_q.lora_A.weight`, `lora_unet_${q.replaceAll('.', '_')}_to_q.lora_B.weight`),
    ],
    [
      'ldm flat',
      `${q}.to_q`,
      pair(
        'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_q.lora_down.weight',
        'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_q.lora_up.weight',
      ),
    ],
    [
      'lycoris',
      `${q}.to_q`,
      pair(`lycoris_${q.replaceAll('.', '_')}_to_q.lora_down.weight`, `lycoris_${q.replaceAll('.', '_')}_to_q.lora_up.weight`),
    ],
    [
      'bare ldm',
      `${q}.to_q`,
      pair('input_blocks.4.1.transformer_blocks.0.attn2.to_q.lora_A', 'input_blocks.4.1.transformer_blocks.0.attn2.to_q.lora_B'),
    ],
  ]
  test.each(cases)('%s', async (name, path, tensors) => {
    const file = await write(name.replaceAll(' ', '-'), tensors, 1)
    const { modules, skipped } = await readAdapter(file, sdxl)
    expect(modules).toEqual([
      {
        component: 'unet',
        path,
        variant: 'lora',
        tensors: {
          down: expect.objectContaining({ shape: [2, 640] }) as unknown,
          up: expect.objectContaining({ shape: [640, 2] }) as unknown,
        },
        alpha: 2,
      },
    ])
    expect(skipped).toEqual([])
  })

  test('text encoders', async () => {
    const layer = 'text_model.encoder.layers.3'
    const file = await write(
      'text',
      [
        ...pair(
          `text_encoder.${layer}.self_attn.to_out_lora.down.weight`,
          `text_encoder.${layer}.self_attn.to_out_lora.up.weight`,
          768,
          768,
        ),
        ...pair(
          `text_encoder.${layer}.mlp.fc1.lora_linear_layer.down.weight`,
          `text_encoder.${layer}.mlp.fc1.lora_linear_layer.up.weight`,
          3072,
          768,
        ),
        // Made with transformers 5: no text_model.
        ...pair(
          'text_encoder_2.encoder.layers.3.self_attn.q_proj.lora_A.weight',
          'text_encoder_2.encoder.layers.3.self_attn.q_proj.lora_B.weight',
          1280,
          1280,
        ),
      ],
      1,
    )
    const { modules } = await readAdapter(file, sdxl)
    expect(modules.map(({ component, path }) => `${component}.${path}`).toSorted()).toEqual([
      `text_encoder.${layer}.mlp.fc1`,
      `text_encoder.${layer}.self_attn.out_proj`,
      `text_encoder_2.${layer}.self_attn.q_proj`,
    ])
  })

  test('1×1 convolutions and linear layers, in either shape', async () => {
    const stem = 'lora_unet_mid_block_attentions_0'
    const conv: [string, number[]][] = pair(`${stem}_proj_in.lora_down.weight`, `${stem}_proj_in.lora_up.weight`, 1280, 1280)
    const one = await readAdapter(await write('two-d', conv), sd1)
    expect(one.modules[0]).toMatchObject({ tensors: { down: { shape: [2, 1280, 1, 1] }, up: { shape: [1280, 2, 1, 1] } } })
    const four = conv.map(([key, shape]): [string, number[]] => [key, [...shape, 1, 1]])
    const other = await readAdapter(await write('four-d', four), sdxl)
    expect(other.modules[0]).toMatchObject({ tensors: { down: { shape: [2, 1280] }, up: { shape: [1280, 2] } } })
  })
})

describe('alpha', () => {
  const stem = 'unet.mid_block.attentions.0.proj_in'
  const pair: [string, number[]][] = [
    [`${stem}.lora_A.weight`, [4, 1280]],
    [`${stem}.lora_B.weight`, [1280, 4]],
  ]
  const alphaOf = async (path: string): Promise<number | undefined> => (await readAdapter(path, sdxl)).modules[0]?.alpha

  test('is the rank, unless the file tells it', async () => {
    expect(await alphaOf(await write('no-alpha', pair))).toBe(4)
    expect(await alphaOf(await write('alpha', [...pair, [`${stem}.alpha`, []]], 0.5))).toBe(0.5)
    expect(await alphaOf(await write('alpha-1d', [...pair, [`${stem}.alpha`, [1]]], 0.5))).toBe(0.5)
    expect(await alphaOf(await write('scale', [...pair, [`${stem}.alpha`, []], [`${stem}.scale`, []]], 0.5))).toBe(2)
    const metadata = (config: unknown): Record<string, string> => ({ lora_adapter_metadata: JSON.stringify(config) })
    expect(await alphaOf(await write('told', pair, 0, metadata({ 'unet.r': 4, 'unet.lora_alpha': 16 })))).toBe(16)
  })
})

describe('reads what others leave half done', () => {
  const layer = 'mid_block.attentions.0.transformer_blocks.0'
  const pair = (stem: string, I = 1280, R = 2): [string, number[]][] => [
    [`${stem}.lora_A.weight`, [R, I]],
    [`${stem}.lora_B.weight`, [1280, R]],
  ]
  const good = pair(`unet.${layer}.attn1.to_q`)
  const names = ({ modules }: Adapter): string[] => modules.map(({ component, path }) => `${component}.${path}`).toSorted()

  test.each<[string, [string, number[]][], string[]]>([
    ['PEFT’s wrapper behind the network', pair(`unet.base_model.model.${layer}.attn1.to_q`), [`unet.${layer}.attn1.to_q`]],
    ['PEFT’s wrapper before the network', pair(`base_model.model.unet.${layer}.attn1.to_q`), [`unet.${layer}.attn1.to_q`]],
    [
      'a network of several behind PEFT’s wrapper',
      pair('text_encoder_2.base_model.model.text_model.encoder.layers.3.self_attn.q_proj'),
      ['text_encoder_2.text_model.encoder.layers.3.self_attn.q_proj'],
    ],
    [
      'an adapter of any name',
      [
        [`unet.${layer}.attn1.to_q.lora_A.my-style.weight`, [2, 1280]],
        [`unet.${layer}.attn1.to_q.lora_B.my-style.weight`, [1280, 2]],
      ],
      [`unet.${layer}.attn1.to_q`],
    ],
    [
      'the halves of a pair under two names',
      [
        [`unet.${layer}.attn1.to_q.lora.down.weight`, [2, 1280]],
        ['lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q.lora_up.weight', [1280, 2]],
      ],
      [`unet.${layer}.attn1.to_q`],
    ],
    [
      'modules in three ways of naming',
      [
        ...good,
        ...pair('lora_unet_middle_block_1_proj_in'),
        ...pair(`diffusion_model.${layer}.attn1.to_v`),
        ...pair('lora_unet.mid_block.attentions_0.proj_out'),
      ],
      [
        `unet.${layer}.attn1.to_q`,
        `unet.${layer}.attn1.to_v`,
        'unet.mid_block.attentions.0.proj_in',
        'unet.mid_block.attentions.0.proj_out',
      ],
    ],
    [
      'text encoders of LyCORIS with transformers 5',
      [
        ...pair('lora_te2_encoder_layers_4_self_attn_q_proj'),
        ...pair('text_encoders.clip_g.transformer.encoder.layers.5.self_attn.q_proj'),
      ],
      ['text_encoder_2.text_model.encoder.layers.4.self_attn.q_proj', 'text_encoder_2.text_model.encoder.layers.5.self_attn.q_proj'],
    ],
    [
      'the same text encoder under the names of both generations',
      [...pair('text_encoder_2.encoder.layers.3.self_attn.q_proj'), ...pair('text_encoder_2.text_model.encoder.layers.3.self_attn.q_proj')],
      ['text_encoder_2.text_model.encoder.layers.3.self_attn.q_proj'],
    ],
  ])('%s', async (name, tensors, expected) => {
    const read = await readAdapter(await write(name.replaceAll(/\W/g, '-'), tensors, 1), sdxl)
    expect([names(read), read.skipped]).toEqual([expected.toSorted(), []])
  })

  test('one spelling is one module, however it is dotted', () => {
    for (const base of [sd1, sdxl]) {
      for (const key of base.shapes.keys()) {
        const { component, path } = splitModuleKey(key)
        const prefix = { unet: 'lora_unet_', text_encoder: 'lora_te1_', text_encoder_2: 'lora_te2_' }[component]
        expect(modulesOfStem(base, prefix + path)).toEqual([key])
        expect(modulesOfStem(base, `${component}.${path.replaceAll('.', '_')}`)).toEqual([key])
      }
    }
  })

  test('a module of rank 0, and a scale without its pair, are left out with their reasons', async () => {
    const empty = pair('unet.mid_block.attentions.0.proj_in', 1280, 0)
    const alone: [string, number[]] = ['unet.mid_block.attentions.0.proj_out.alpha', []]
    const read = await readAdapter(await write('empty', [...good, ...empty, alone], 1), sdxl)
    expect(names(read)).toEqual([`unet.${layer}.attn1.to_q`])
    expect(new Set(read.skipped.map(({ key, reason }) => `${key.split('.').at(-2)}: ${reason}`))).toEqual(
      new Set([
        'lora_A: The rank of its module is 0, so that it changes nothing.',
        'lora_B: The rank of its module is 0, so that it changes nothing.',
        'proj_out: It is the scale of a module whose pair is not in the file.',
      ]),
    )
  })

  test('more than twelve keys that match nothing are said, since Forge refuses the file', async () => {
    const strange = (count: number): [string, number[]][] =>
      Array.from({ length: count }, (_, i): [string, number[]] => [`lora_te_text_model_encoder_layers_${90 + i}_mlp_fc1.alpha`, []])
    const said = async (count: number): Promise<string> =>
      skippedReasons((await readAdapter(await write(`strange-${count}`, [...good, ...strange(count)], 1), sdxl)).skipped).join(' ')
    expect(await said(12)).toBe('The base model (Stable Diffusion XL) has no module of this name.')
    expect(await said(13)).toMatch(/^13 of the file's keys match nothing.*Forge refuses/)
  })

  test('embeddings in the bundle come along, under the names that they have there', async () => {
    const bundled: [string, number[]][] = [
      ['bundle_emb.inkstyle.clip_l', [4, 768]],
      ['bundle_emb.inkstyle.clip_g', [4, 1280]],
      ['bundle_emb.inkstyle.clip_g_out', [4, 1280]],
      ['bundle_emb.old v1.5.string_to_param.*', [768]],
      ['bundle_emb.long.emb_params', [76, 768]],
      ['bundle_emb.odd.weight', [1]],
    ]
    const read = await readAdapter(await write('bundle', [...good, ...bundled], 1), sdxl)
    expect(names(read)).toEqual([`unet.${layer}.attn1.to_q`])
    expect(read.embeddings?.map(({ names: called, vectors, bundled: there }) => [called, shapesOf(vectors), there])).toEqual([
      [['inkstyle'], { clip_l: [4, 768], clip_g: [4, 1280] }, true],
      [['old v1.5'], { '': [1, 768] }, true],
    ])
    expect(new Map(read.skipped.map(({ key, reason }) => [key, reason]))).toEqual(
      new Map([
        ['bundle_emb.inkstyle.clip_g_out', expect.stringMatching(/behind the text encoder/) as string],
        ['bundle_emb.long.emb_params', expect.stringMatching(/has 76 vectors.*room for 75/) as string],
        ['bundle_emb.odd.weight', expect.stringMatching(/no vector of an embedding that is known/) as string],
      ]),
    )
  })
})

describe('refuses', () => {
  const stem = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k'
  const down = `${stem}.lora_down.weight`
  const up = `${stem}.lora_up.weight`
  const good: [string, number[]][] = [
    [down, [2, 768]],
    [up, [1280, 2]],
  ]
  test.each<[string, string, [string, number[]][], number, RegExp]>([
    ['NaN', 'adapter-broken', good, NaN, /NaN at position 0/],
    ['infinity', 'adapter-broken', good, Infinity, /Infinity at position 0/],
    [
      'rank 0 alone',
      'adapter-unsupported',
      [
        [down, [0, 768]],
        [up, [1280, 0]],
      ],
      0,
      /rank of its module is 0/,
    ],
    [
      'different ranks',
      'adapter-broken',
      [
        [down, [2, 768]],
        [up, [1280, 3]],
      ],
      0,
      /ranks differ.*\[2, 768\].*\[1280, 3\]/,
    ],
    ['half a pair', 'adapter-broken', [[down, [2, 768]]], 0, /only ".*lora_down\.weight" is there/],
    [
      'one module twice with other numbers',
      'adapter-broken',
      [...good, [down.replace('lora_unet', 'lycoris'), [3, 768]], [up.replace('lora_unet', 'lycoris'), [1280, 3]]],
      0,
      /twice.*other numbers/,
    ],
    [
      'whole modules beside the pairs',
      'adapter-unsupported',
      [...good, ['base_model.model.conv_elsewhere.weight', [320, 4, 3, 3]]],
      0,
      /whole weights or biases.*"\S*conv_elsewhere\.weight".*merge_and_unload/,
    ],
    [
      'the weights under the pairs',
      'adapter-unsupported',
      [...good, ['base_model.model.conv_in.base_layer.weight', [320, 4, 3, 3]]],
      0,
      /whole weights or biases/,
    ],
    [
      'biases of the pairs alone',
      'adapter-broken',
      [[`${stem}.lora_B.bias`, [1280]]],
      0,
      /lora_B\.bias" is there; a pair with a bias needs/,
    ],
    [
      '(IA)³ of another width',
      'adapter-family-mismatch',
      [
        [`${stem}.weight`, [640]],
        [`${stem}.on_input`, []],
      ],
      0,
      /takes tensors of \[1280\] and \[\], got \[640\] and \[\]/,
    ],
    ['(IA)³ without its factors', 'adapter-broken', [[`${stem}.on_input`, []]], 0, /only .*on_input" is there/],
    [
      '(IA)³ whose factors are no numbers',
      'adapter-broken',
      [
        [`${stem}.weight`, [1280]],
        [`${stem}.on_input`, []],
      ],
      NaN,
      /holds NaN/,
    ],
    ['a long alpha', 'adapter-broken', [...good, [`${stem}.alpha`, [2]]], 0, /is one number/],
    [
      'SD2',
      'adapter-family-mismatch',
      [
        [down, [2, 1024]],
        [up, [1280, 2]],
      ],
      0,
      /\[2, 768\].*got \[2, 1024\].*made for Stable Diffusion 2\.x\. Load a Stable Diffusion 2\.x model/,
    ],
    [
      'SDXL',
      'adapter-family-mismatch',
      [
        ['lora_unet_input_blocks_7_1_transformer_blocks_0_attn2_to_k.lora_down.weight', [2, 2048]],
        ['lora_unet_input_blocks_7_1_transformer_blocks_0_attn2_to_k.lora_up.weight', [1280, 2]],
      ],
      0,
      /made for Stable Diffusion XL/,
    ],
    [
      'Flux',
      'adapter-family-mismatch',
      [
        ['lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight', [2, 8]],
        ['lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight', [8, 2]],
      ],
      0,
      /made for Flux/,
    ],
    [
      'an enlarged weight alone',
      'adapter-unsupported',
      [
        [`${stem}.reshape_weight`, [2]],
        [`${stem}.alpha`, []],
      ],
      0,
      /enlarge the base weight/,
    ],
    ['a whole model', 'adapter-unknown-format', [['model.diffusion_model.input_blocks.0.0.weight', [2]]], 0, /a whole model/],
    ['anything else', 'adapter-unknown-format', [['weight', [2]]], 0, /kohya: no key begins with/],
  ])('%s', async (name, code, tensors, fill, message) => {
    const path = await write(`bad-${name.replaceAll(' ', '-')}`, tensors, fill)
    const failure = readAdapter(path, sd1)
    await expect(failure).rejects.toMatchObject({ code })
    await expect(failure).rejects.toThrow(message)
  })

  test('what it cannot use is skipped with a reason when something remains', async () => {
    const te2 = 'lora_te2_text_model_encoder_layers_0_mlp_fc1'
    const enlarged = 'lora_unet_mid_block_attentions_0_proj_in'
    const path = await write('skipping', [
      ...good,
      [`${te2}.lora_down.weight`, [2, 8]],
      [`${enlarged}.lora_up.weight`, [8, 2]],
      [`${enlarged}.reshape_weight`, [2]],
      ['note', [1]],
    ])
    const { modules, skipped } = await readAdapter(path, sd1)
    expect(modules.length).toBe(1)
    expect(Object.fromEntries(skipped.map(({ key, reason }) => [key, reason]))).toEqual({
      [`${te2}.lora_down.weight`]: 'The base model (Stable Diffusion 1.x) has no second text encoder.',
      [`${enlarged}.lora_up.weight`]: expect.stringMatching(/enlarge/) as unknown,
      [`${enlarged}.reshape_weight`]: expect.stringMatching(/enlarge/) as unknown,
      note: 'This is no part of a low-rank adapter.',
    })
  })

  test('what a config asks for beyond the pairs, wherever it stands', async () => {
    const pair: [string, number[]][] = [
      ['unet.mid_block.attentions.0.proj_in.lora_A.weight', [4, 1280]],
      ['unet.mid_block.attentions.0.proj_in.lora_B.weight', [1280, 4]],
    ]
    for (const config of [
      { 'unet.init_lora_weights': 'pissa_niter_4' },
      { 'unet.bias': 'all' },
      { 'text_encoder.modules_to_save': ['text_projection'] },
    ])
      await expect(
        readAdapter(await write('asks', pair, 0, { lora_adapter_metadata: JSON.stringify({ 'unet.r': 4, ...config }) }), sdxl),
      ).rejects.toMatchObject({ code: 'adapter-unsupported' })
    const at = join(folder, 'peft-olora')
    await mkdir(at)
    const tensors = pair.map(([key, shape]) =>
      stored(key.replace('unet.', 'base_model.model.'), { shape, data: new Float32Array(elementCount(shape)) }, 'fp32'),
    )
    await writeSafetensors(join(at, 'adapter_model.safetensors'), tensors)
    await writeFile(join(at, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', r: 4, lora_alpha: 4, init_lora_weights: 'corda' }))
    await expect(readAdapter(at, sdxl)).rejects.toThrow(/CorDA.*path_initial_model_for_weight_conversion/)
  })

  test('pairs of whole numbers, but not an alpha of them', async () => {
    const file = async (name: string, dtype: string, of: 'pair' | 'alpha'): Promise<string> => {
      const path = join(folder, `${name}.safetensors`)
      const bytes = { I8: 1, I64: 8, U8: 1, I32: 4, BOOL: 1 }[dtype] ?? 4
      const whole = (key: string, shape: number[]) => ({
        name: key,
        dtype,
        shape,
        data: new Uint8Array(bytes * elementCount(shape)).fill(1),
      })
      const real = (key: string, shape: number[]) => stored(key, { shape, data: new Float32Array(elementCount(shape)).fill(1) }, 'fp32')
      const tensors = good.map(([key, shape]) => (of === 'pair' ? whole(key, shape) : real(key, shape)))
      await writeSafetensors(path, [...tensors, of === 'alpha' ? whole(`${stem}.alpha`, []) : real(`${stem}.alpha`, [])])
      return path
    }
    for (const dtype of ['I8', 'U8', 'I32', 'I64', 'BOOL']) {
      const refused = readAdapter(await file(`whole-${dtype}`, dtype, 'pair'), sd1)
      await expect(refused).rejects.toMatchObject({ code: 'adapter-unsupported', facts: { dtype } })
      await expect(refused).rejects.toThrow(/stored as \w+, in whole numbers.*F16, BF16 or F32/)
    }
    expect((await readAdapter(await file('whole-alpha', 'U8', 'alpha'), sd1)).modules[0]?.alpha).toBe(1)
  })
})
