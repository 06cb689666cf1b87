import { expect, test } from 'vitest'
import { lookedAt, placeOf } from './unet-places.ts'

const sd1 = { blockOutChannels: [320, 640, 1280, 1280], transformerLayers: [1, 1, 1, 0], sampleSize: 64 }
const sdxl = { blockOutChannels: [320, 640, 1280], transformerLayers: [0, 2, 10], sampleSize: 128 }

test('each layer stands for cells of a level, tokens of the text, vectors of groups, or one vector', () => {
  const places = {
    conv_in: 0,
    'down_blocks.1.resnets.0.conv1': 1,
    'down_blocks.1.downsamplers.0.conv': 2,
    'down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_q': 2,
    'down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_k': 'text',
    'down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_v': 2,
    'mid_block.attentions.0.proj_in': 3,
    'mid_block.resnets.1.time_emb_proj': 'groups',
    'up_blocks.0.resnets.2.conv_shortcut': 3,
    'up_blocks.0.upsamplers.0.conv': 2,
    'up_blocks.3.attentions.2.proj_out': 0,
    'time_embedding.linear_1': 'all',
    'add_embedding.linear_2': 'all',
    conv_out: 0,
  }
  for (const [path, place] of Object.entries(places)) expect([path, placeOf(path, sd1)]).toEqual([path, place])
})

test('regions are found where FreeFuse looks in SDXL, and where there are cells enough elsewhere', () => {
  expect(lookedAt(sdxl)).toEqual({ block: 'up_blocks.0.attentions.0.transformer_blocks.3', level: 2 })
  expect(lookedAt(sd1)).toEqual({ block: 'up_blocks.1.attentions.0.transformer_blocks.0', level: 2 })
  expect(lookedAt({ blockOutChannels: [128, 224], transformerLayers: [1, 1], sampleSize: 8 })?.level).toBe(0)
  expect(lookedAt({ ...sd1, transformerLayers: [0, 0, 0, 0] })).toBeUndefined()
})
