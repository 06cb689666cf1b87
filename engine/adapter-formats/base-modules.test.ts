import { expect, test } from 'vitest'
import type { ClipTextConfig, UNetConfig } from '../checkpoint/config.ts'
import { moduleShapes } from './base-modules.ts'
import { fixtureBase } from './fixtures/load.ts'

const unet: UNetConfig = {
  inChannels: 4,
  outChannels: 4,
  blockOutChannels: [320, 640, 1280, 1280],
  layersPerBlock: 2,
  transformerLayers: [1, 1, 1, 0],
  midTransformerLayers: 1,
  heads: [8, 8, 8, 8],
  crossAttentionDim: 768,
  normGroups: 32,
  normEps: 1e-5,
  linearProjection: false,
  sampleSize: 64,
}
const sdxl: UNetConfig = {
  ...unet,
  blockOutChannels: [320, 640, 1280],
  transformerLayers: [0, 2, 10],
  midTransformerLayers: 10,
  heads: [5, 10, 20],
  crossAttentionDim: 2048,
  linearProjection: true,
  addedCondition: { timeEmbedDim: 256, inputDim: 2816 },
}
const clip: ClipTextConfig = {
  vocabSize: 49408,
  width: 768,
  layers: 12,
  heads: 12,
  mlpWidth: 3072,
  positions: 77,
  activation: 'quick_gelu',
  layerNormEps: 1e-5,
  bosId: 49406,
  eosId: 49407,
  padId: 49407,
  skip: 1,
  finalNorm: true,
}
const bigG: ClipTextConfig = { ...clip, width: 1280, layers: 32, heads: 20, mlpWidth: 5120, projection: 1280 }

test.each([
  ['sd1', unet, [clip]],
  ['sdxl', sdxl, [clip, bigG]],
] as const)("the modules of %s are the reference's", (family, config, encoders) => {
  const weights = new Map()
  const { shapes, closed } = moduleShapes({
    family,
    unet: { config, weights },
    textEncoders: encoders.map((encoder) => ({ config: encoder, weights })),
  })
  const sorted = (map: ReadonlyMap<string, readonly number[]>): unknown => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const reference = fixtureBase(family)
  expect(sorted(shapes)).toEqual(sorted(reference.shapes))
  expect(sorted(closed)).toEqual(sorted(reference.closed))
})
