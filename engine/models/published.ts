// Configurations of the published models, for tests of counts and names.
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../checkpoint/config.ts'

const sd15: UNetConfig = {
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

const clipL: ClipTextConfig = {
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

export const publishedUnets = {
  sd15,
  sd21: { ...sd15, heads: [5, 10, 20, 20], crossAttentionDim: 1024, linearProjection: true },
  sdxl: {
    ...sd15,
    blockOutChannels: [320, 640, 1280],
    transformerLayers: [0, 2, 10],
    midTransformerLayers: 10,
    heads: [5, 10, 20],
    crossAttentionDim: 2048,
    linearProjection: true,
    addedCondition: { timeEmbedDim: 256, inputDim: 2816 },
    sampleSize: 128,
  },
} as const satisfies Record<string, UNetConfig>

export const publishedTexts = {
  clipL,
  openClipH: { ...clipL, width: 1024, layers: 23, heads: 16, mlpWidth: 4096, activation: 'gelu', padId: 0 },
  openClipBigG: { ...clipL, width: 1280, layers: 32, heads: 20, mlpWidth: 5120, activation: 'gelu', padId: 0, projection: 1280 },
} as const satisfies Record<string, ClipTextConfig>

export const publishedVae: VaeConfig = {
  inChannels: 3,
  latentChannels: 4,
  blockOutChannels: [128, 256, 512, 512],
  layersPerBlock: 2,
  normGroups: 32,
  scalingFactor: 0.18215,
}
