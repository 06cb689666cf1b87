import { describe, expect, test } from 'vitest'
import { blockLayouts } from '../../requests/block-weights.ts'
import { elementCount } from '../../tensor/tensor.ts'
import { familyCalled } from '../family-called.ts'
import { families } from '../families/index.ts'
import { publishedVae } from '../published.ts'
import { clipModules } from './clip-modules.ts'
import { ldmPath, ldmUnetLayout, ldmUnetTable, unetBlock } from './ldm-unet.ts'
import { currentVaeKey, ldmVaeLayout, ldmVaeTable } from './ldm-vae.ts'
import { tensorShapes, type ModuleShape } from './modules.ts'
import { fromOpenClip, openClipTable } from './open-clip.ts'
import { unetModules } from './unet-modules.ts'
import { vaeModules } from './vae-modules.ts'

const size = (modules: readonly ModuleShape[]): { tensors: number; parameters: number } => {
  const shapes = [...tensorShapes(modules).values()]
  return { tensors: shapes.length, parameters: shapes.reduce((sum, shape) => sum + elementCount(shape), 0) }
}

describe('module lists', () => {
  test('have the tensors and parameters of the published models', () => {
    const [sd1, sd2, sdxl] = (['sd1', 'sd2', 'sdxl'] as const).map((name) => familyCalled(name).published)
    expect(size(unetModules(sd1!.unet))).toEqual({ tensors: 686, parameters: 859_520_964 })
    expect(size(unetModules(sd2!.unet))).toEqual({ tensors: 686, parameters: 865_910_724 })
    expect(size(unetModules(sdxl!.unet))).toEqual({ tensors: 1680, parameters: 2_567_463_684 })
    expect(size(vaeModules(publishedVae))).toEqual({ tensors: 248, parameters: 83_653_863 })
    const texts = [sd1, sd2, sdxl].map((one) => one!.textEncoders.map((config) => size(clipModules(config)).parameters))
    expect(texts).toEqual([[123_060_480], [340_387_840], [123_060_480, 694_659_840]])
  })
})

describe('ldm UNet names', () => {
  test.each([
    ['sd1', 'conv_in', 'input_blocks.0.0'],
    ['sd1', 'time_embedding.linear_2', 'time_embed.2'],
    ['sd1', 'down_blocks.0.resnets.1.conv1', 'input_blocks.2.0.in_layers.2'],
    ['sd1', 'down_blocks.0.attentions.1.transformer_blocks.0.attn2.to_k', 'input_blocks.2.1.transformer_blocks.0.attn2.to_k'],
    ['sd1', 'down_blocks.2.downsamplers.0.conv', 'input_blocks.9.0.op'],
    ['sd1', 'down_blocks.3.resnets.1.time_emb_proj', 'input_blocks.11.0.emb_layers.1'],
    ['sd1', 'mid_block.resnets.1.conv2', 'middle_block.2.out_layers.3'],
    ['sd1', 'up_blocks.0.upsamplers.0.conv', 'output_blocks.2.1.conv'],
    ['sd1', 'up_blocks.1.upsamplers.0.conv', 'output_blocks.5.2.conv'],
    ['sd1', 'up_blocks.3.attentions.2.proj_out', 'output_blocks.11.1.proj_out'],
    ['sd1', 'up_blocks.3.resnets.2.conv_shortcut', 'output_blocks.11.0.skip_connection'],
    ['sd1', 'conv_norm_out', 'out.0'],
    ['sdxl', 'add_embedding.linear_1', 'label_emb.0.0'],
    ['sdxl', 'down_blocks.1.attentions.0.proj_in', 'input_blocks.4.1.proj_in'],
    ['sdxl', 'down_blocks.2.attentions.1.transformer_blocks.9.ff.net.2', 'input_blocks.8.1.transformer_blocks.9.ff.net.2'],
    ['sdxl', 'mid_block.attentions.0.norm', 'middle_block.1.norm'],
    ['sdxl', 'up_blocks.0.upsamplers.0.conv', 'output_blocks.2.2.conv'],
    ['sdxl', 'up_blocks.2.resnets.0.norm1', 'output_blocks.6.0.in_layers.0'],
  ] as const)('%s: %s ↔ %s', (model, diffusers, ldm) => {
    const { unet } = familyCalled(model).published
    expect(ldmPath(diffusers, unet)).toBe(ldm)
    expect(ldmUnetTable(unet).fromFile(ldm)).toBe(diffusers)
  })

  test.each(families)('the whole table of $name turns back, and its layout is read off the names', ({ published: { unet: config } }) => {
    const paths = unetModules(config).map(({ path }) => path)
    const table = ldmUnetTable(config)
    const theirs = paths.map((path) => ldmPath(path, config))
    expect(new Set(theirs).size).toBe(paths.length)
    expect(theirs.map((path) => table.fromFile(path))).toEqual(paths)
    expect(ldmUnetLayout(theirs.map((path) => `${path}.weight`))).toEqual({
      layersPerBlock: config.layersPerBlock,
      transformerLayers: config.transformerLayers,
    })
  })

  test('a path that the UNet has not is an error', () => {
    expect(() => ldmPath('up_blocks.0.attentions.0.proj_in', familyCalled('sd1').published.unet)).toThrow('is not a module of this UNet')
    expect(ldmUnetTable(familyCalled('sd1').published.unet).fromFile('input_blocks.12.0.op')).toBeUndefined()
  })
})

describe('ldm VAE names', () => {
  const layout = { levels: 4, layersPerBlock: 2 }
  test.each([
    ['encoder.down_blocks.1.resnets.0.conv_shortcut', 'encoder.down.1.block.0.nin_shortcut'],
    ['encoder.down_blocks.2.downsamplers.0.conv', 'encoder.down.2.downsample.conv'],
    ['decoder.up_blocks.0.resnets.2.norm1', 'decoder.up.3.block.2.norm1'],
    ['decoder.up_blocks.2.upsamplers.0.conv', 'decoder.up.1.upsample.conv'],
    ['decoder.mid_block.attentions.0.to_out.0', 'decoder.mid.attn_1.proj_out'],
    ['encoder.mid_block.resnets.1.conv2', 'encoder.mid.block_2.conv2'],
    ['decoder.conv_norm_out', 'decoder.norm_out'],
    ['post_quant_conv', 'post_quant_conv'],
  ])('%s ↔ %s', (diffusers, ldm) => {
    expect(ldmVaeTable(layout).toFile(diffusers)).toBe(ldm)
    expect(ldmVaeTable(layout).fromFile(ldm)).toBe(diffusers)
  })

  test('the whole table turns back, and its layout is read off the names', () => {
    const table = ldmVaeTable(layout)
    const paths = vaeModules(publishedVae).map(({ path }) => path)
    const theirs = paths.map((path) => table.toFile(path) ?? '')
    expect(theirs.map((path) => table.fromFile(path))).toEqual(paths)
    expect(ldmVaeLayout(theirs)).toEqual(layout)
  })

  test('attention names from before diffusers 0.17 are brought up to date', () => {
    const at = 'decoder.mid_block.attentions.0'
    expect(['query', 'key', 'value', 'proj_attn', 'to_q', 'group_norm'].map((name) => currentVaeKey(`${at}.${name}.weight`))).toEqual(
      ['to_q', 'to_k', 'to_v', 'to_out.0', 'to_q', 'group_norm'].map((name) => `${at}.${name}.weight`),
    )
  })
})

describe('open_clip names', () => {
  const source = (shape: readonly number[], offset: number) =>
    ({ file: 'x', dtype: 'float16', shape, offset, length: 2 * elementCount(shape) }) as const

  test('a fused matrix becomes three row slices, and the projection is marked as transposed', () => {
    const weights = fromOpenClip(
      new Map([
        ['transformer.resblocks.0.attn.in_proj_weight', source([12, 4], 100)],
        ['transformer.resblocks.1.attn.in_proj_weight', source([12, 4], 900)],
        ['text_projection', source([4, 6], 400)],
        ['positional_embedding', source([7, 4], 500)],
        ['logit_scale', source([], 600)],
      ]),
      1,
    )
    const attention = 'text_model.encoder.layers.0.self_attn'
    expect([...weights]).toEqual([
      [`${attention}.q_proj.weight`, source([4, 4], 100)],
      [`${attention}.k_proj.weight`, source([4, 4], 132)],
      [`${attention}.v_proj.weight`, source([4, 4], 164)],
      ['text_projection.weight', { ...source([4, 6], 400), transposed: true }],
      ['text_model.embeddings.position_embedding.weight', source([7, 4], 500)],
    ])
  })

  test('names of a layer turn back', () => {
    const table = openClipTable(2)
    expect(table.toFile('text_model.encoder.layers.1.mlp.fc1.bias')).toBe('transformer.resblocks.1.mlp.c_fc.bias')
    expect(table.fromFile('transformer.resblocks.1.attn.out_proj.weight')).toBe('text_model.encoder.layers.1.self_attn.out_proj.weight')
    expect(table.fromFile('ln_final.weight')).toBe('text_model.final_layer_norm.weight')
  })
})

test.each([
  ['sd1', 17, 26],
  ['sd2', 17, 26],
  ['sdxl', 12, 20],
] as const)('blocks of %s are those of the lists of %i, where attention is, and of %i', (name, attended, all) => {
  const { published, block } = familyCalled(name)
  const paths = unetModules(published.unet).map(({ path }) => path)
  const blocksOf = (which: (path: string) => boolean) => new Set(paths.filter(which).map((path) => block(path, published.unet)))
  const layout = (length: number) => new Set(blockLayouts[length]?.slice(1))
  expect(blocksOf((path) => path.includes('.attentions.'))).toEqual(layout(attended))
  expect(blocksOf((path) => !/embedding|_out$/.test(path.split('.')[0] ?? ''))).toEqual(layout(all))
  expect(blocksOf((path) => /embedding|_out$/.test(path.split('.')[0] ?? ''))).toEqual(new Set([undefined]))
  expect(unetBlock('no.such.layer', published.unet)).toBeUndefined()
})
