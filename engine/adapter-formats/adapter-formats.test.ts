import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { openSafetensors, serializeSafetensors, writeSafetensors, type TensorToWrite } from '../files/safetensors.ts'
import { elementCount, zeros } from '../tensor/tensor.ts'
import { fixtureBase, fixtureShapes, randomAdapter } from './fixtures/load.ts'
import { stored } from './format.ts'
import { parsePeftConfig, peftAlpha } from './peft-config.ts'
import { adapterFormats, readAdapter, writeAdapter } from './read.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const sd1 = fixtureBase('sd1')
const sdxl = fixtureBase('sdxl')

const attention = (key: string): boolean => /^unet.*\.attn\d\./.test(key)
/** What sd-scripts trains unless it is told otherwise. */
const kohyaDefault = (key: string): boolean =>
  /^unet.*(\.transformer_blocks\.|\.proj_in$|\.proj_out$)|^text.*(\.self_attn\.|\.mlp\.)/.test(key)

const shapesOf = async (path: string): Promise<Map<string, readonly number[]>> =>
  new Map([...(await openSafetensors(path)).entries.values()].map(({ name, shape }) => [name, shape]))
const sorted = (shapes: ReadonlyMap<string, readonly number[]>): unknown => [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1))
const byKey = ({ modules }: Adapter): unknown => modules.toSorted((a, b) => (a.component + a.path < b.component + b.path ? -1 : 1))

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

describe('writes the keys and shapes of', () => {
  const cases = [
    ['kohya', 'kohya-sd1-default', sd1, kohyaDefault, 'test.safetensors', 264],
    ['kohya', 'kohya-sdxl-default', sdxl, kohyaDefault, 'test.safetensors', 986],
    ['peft', 'peft-sd1-attention', sd1, attention, 'adapter_model.safetensors', 128],
    ['diffusers', 'diffusers-sd1-attention', sd1, attention, 'pytorch_lora_weights.safetensors', 128],
  ] as const
  test.each(cases)('%s: %s', async (format, fixture, base, chosen, file, count) => {
    const adapter = randomAdapter(base, chosen, () => 4)
    expect(adapter.modules.length).toBe(count)
    const at = join(folder, fixture)
    await writeAdapter(adapter, format, at, { modules: base, precision: 'fp16' })
    expect(sorted(await shapesOf(join(at, file)))).toEqual(sorted(fixtureShapes(fixture)))
    await rm(at, { recursive: true })
  })

  test.each([
    ['sd1', sd1, 'kohya-sd1-default', 128],
    ['sdxl', sdxl, 'kohya-sdxl-default', 560],
  ] as const)('kohya, attention only: %s', async (name, base, fixture, count) => {
    const at = join(folder, `attention-${name}.safetensors`)
    await writeAdapter(
      randomAdapter(base, attention, () => 4),
      'kohya',
      at,
      { modules: base, precision: 'bf16' },
    )
    const expected = new Map([...fixtureShapes(fixture)].filter(([key]) => /^lora_unet.*_attn\d_/.test(key)))
    expect(expected.size).toBe(3 * count)
    expect(sorted(await shapesOf(at))).toEqual(sorted(expected))
  })
})

describe('reads back what it wrote, bit for bit', () => {
  // Every kind of module and both encoders, but few of each.
  const some = (key: string): boolean =>
    /blocks\.1\..*(attentions\.0\..*\.0\.attn2|proj_in|resnets\.0|samplers)|_proj$|layers\.3\.|conv_in|^unet.*embedding/.test(key)
  const ranks = (key: string): number => (key.includes('to_k') ? 3 : 2)
  test.each(adapterFormats.flatMap(({ name }) => [[name, 'sd1', sd1] as const, [name, 'sdxl', sdxl] as const]))(
    '%s, %s',
    async (format, family, base) => {
      const adapter = randomAdapter(base, (key) => some(key) && !key.includes('layers.4'), ranks)
      const at = join(folder, `${format}-${family}`)
      const files = await writeAdapter(adapter, format, at, { modules: base, precision: 'fp32', metadata: { ss_network_dim: '2' } })
      const read = await readAdapter(files.length === 1 ? (files[0] ?? '') : at, base)
      expect(byKey(read)).toEqual(byKey(adapter))
      expect(read.skipped).toEqual([])
      expect(read.metadata.ss_network_dim).toBe('2')
      const again = `${at}-again`
      const copies = await writeAdapter(read, format, again, { modules: base, precision: 'fp32' })
      for (const [i, file] of files.entries()) {
        if (file.endsWith('.safetensors')) expect(await shapesOf(copies[i] ?? '')).toEqual(await shapesOf(file))
        else expect(await readFile(copies[i] ?? '', 'utf8')).toBe(await readFile(file, 'utf8'))
      }
      await rm(at, { recursive: true })
      await rm(again, { recursive: true })
    },
  )

  test('the same request gives the same bytes', () => {
    const adapter = randomAdapter(sd1, (key) => key.startsWith('unet.mid_block'))
    for (const format of adapterFormats) {
      const bytes = (): unknown => format.write(adapter, { modules: sd1, precision: 'fp16' })
      expect(bytes()).toEqual(bytes())
    }
  })
})

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
    ['ComfyUI', `${q}.to_q`, pair('diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_q.lora_B', 'x').slice(0, 0)],
    [
      'bare ldm',
      `${q}.to_q`,
      pair('input_blocks.4.1.transformer_blocks.0.attn2.to_q.lora_A', 'input_blocks.4.1.transformer_blocks.0.attn2.to_q.lora_B'),
    ],
  ]
  test.each(cases.filter(([, , tensors]) => tensors.length > 0))('%s', async (name, path, tensors) => {
    const file = await write(name.replaceAll(' ', '-'), tensors, 1)
    const { modules, skipped } = await readAdapter(file, sdxl)
    expect(modules).toEqual([
      {
        component: 'unet',
        path,
        down: expect.objectContaining({ shape: [2, 640] }) as unknown,
        up: expect.objectContaining({ shape: [640, 2] }) as unknown,
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
    expect(one.modules[0]).toMatchObject({ down: { shape: [2, 1280, 1, 1] }, up: { shape: [1280, 2, 1, 1] } })
    const four = conv.map(([key, shape]): [string, number[]] => [key, [...shape, 1, 1]])
    const other = await readAdapter(await write('four-d', four), { ...sdxl, family: 'sdxl' })
    expect(other.modules[0]).toMatchObject({ down: { shape: [2, 1280] }, up: { shape: [1280, 2] } })
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

  test('of PEFT: patterns, and rank-stabilised scale', () => {
    const config = parsePeftConfig({ lora_alpha: 8, alpha_pattern: { 'attn1.to_q': 1, '^mid_block\\..*\\.to_[kv]': 2, bad_to_k: 9 } }, 'x')
    expect(
      ['a.attn1.to_q', 'a.xattn1.to_q', 'mid_block.attn1.to_k', 'down.mid_block.attn1.to_k'].map((path) => peftAlpha(config, path, 4)),
    ).toEqual([1, 8, 2, 8])
    expect(peftAlpha(parsePeftConfig({ lora_alpha: 8, use_rslora: true }, 'x'), 'a', 16)).toBe(32)
    expect(() => peftAlpha(parsePeftConfig({ alpha_pattern: { '(a+)+': 1 } }, 'x'), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', 4)).toThrow(
      'alpha_pattern',
    )
    expect(() => parsePeftConfig({ peft_type: 'LOHA' }, 'x')).toThrow('LOHA')
    expect(() => parsePeftConfig({ lora_alpha: '8' }, 'x')).toThrow('lora_alpha')
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
      'rank 0',
      'adapter-broken',
      [
        [down, [0, 768]],
        [up, [1280, 0]],
      ],
      0,
      /rank 0/,
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
    ['a long alpha', 'adapter-broken', [...good, [`${stem}.alpha`, [2]]], 0, /is one number/],
    [
      'one module twice',
      'adapter-broken',
      [...good, [down.replace('lora_unet', 'lycoris'), [2, 768]], [up.replace('lora_unet', 'lycoris'), [1280, 2]]],
      0,
      /twice/,
    ],
    [
      'SD2',
      'adapter-family-mismatch',
      [
        [down, [2, 1024]],
        [up, [1280, 2]],
      ],
      0,
      /\[2, 768\].*got \[2, 1024\].*made for Stable Diffusion 2\. Load a Stable Diffusion 2 model/,
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
      'LoHa alone',
      'adapter-unsupported',
      [
        [`${stem}.hada_w1_a`, [2, 2]],
        [`${stem}.alpha`, []],
      ],
      0,
      /LoHa/,
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
    const dora = 'lora_unet_mid_block_attentions_0_proj_in'
    const path = await write('skipping', [
      ...good,
      [`${te2}.lora_down.weight`, [2, 8]],
      [`${dora}.lora_up.weight`, [8, 2]],
      [`${dora}.dora_scale`, [8, 1]],
      ['note', [1]],
    ])
    const { modules, skipped } = await readAdapter(path, sd1)
    expect(modules.length).toBe(1)
    expect(skipped.map(({ key, reason }) => `${key}: ${reason}`).toSorted()).toEqual(
      [
        expect.stringMatching(/lora_te2.*no second text encoder/),
        expect.stringMatching(/proj_in\.dora_scale: DoRA/),
        expect.stringMatching(/proj_in\.lora_up\.weight: DoRA/),
        expect.stringMatching(/note: This is no part/),
      ].toSorted((a, b) => String(a).localeCompare(String(b))) && expect.arrayContaining([expect.stringMatching(/no second text encoder/)]),
    )
    expect(skipped.length).toBe(4)
  })

  test('a folder without an adapter, an unknown format, a folder format for a file', async () => {
    const empty = join(folder, 'empty')
    await mkdir(empty)
    await expect(readAdapter(empty, sd1)).rejects.toMatchObject({ code: 'adapter-not-found' })
    await expect(readAdapter(join(folder, 'none'), sd1)).rejects.toMatchObject({ code: 'file-not-found' })
    const adapter = { name: 'a', modules: [], metadata: {}, skipped: [] }
    const options = { modules: sd1, precision: 'fp32' } as const
    await expect(writeAdapter(adapter, 'zip', empty, options)).rejects.toMatchObject({ code: 'adapter-format-unknown' })
    await expect(writeAdapter(adapter, 'peft', join(empty, 'a.safetensors'), options)).rejects.toMatchObject({
      code: 'adapter-format-folder',
    })
  })

  test('a PEFT config that is not JSON', async () => {
    const at = join(folder, 'bad-config')
    await writeAdapter(
      randomAdapter(sd1, (key) => key === 'unet.conv_in'),
      'peft',
      at,
      { modules: sd1, precision: 'fp32' },
    )
    await writeFile(join(at, 'adapter_config.json'), '{')
    await expect(readAdapter(at, sd1)).rejects.toMatchObject({ code: 'adapter-broken' })
  })
})

test('kohya files carry the hashes by which web UIs know them', async () => {
  const path = join(folder, 'hashes.safetensors')
  await writeAdapter(
    randomAdapter(sd1, (key) => key === 'unet.conv_in'),
    'kohya',
    path,
    { modules: sd1, precision: 'fp16', metadata: { ss_v2: 'False' } },
  )
  const { metadata } = await openSafetensors(path)
  expect([...metadata.keys()]).toEqual(['ss_v2', 'sshs_model_hash', 'sshs_legacy_hash'])
})

test('zeros stay zeros', () => {
  const tensors: TensorToWrite[] = [stored('a', zeros([2]), 'bf16')]
  expect(serializeSafetensors(tensors).subarray(-4)).toEqual(new Uint8Array(4))
})
