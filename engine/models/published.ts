// What the published models of Stable Diffusion have in common. Each family's folder has the rest.
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../checkpoint/config.ts'

export const publishedUnet = {
  inChannels: 4,
  outChannels: 4,
  layersPerBlock: 2,
  normGroups: 32,
  normEps: 1e-5,
} as const satisfies Partial<UNetConfig>

/** OpenAI's ViT-L/14. */
export const clipL: ClipTextConfig = {
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

export const publishedVae: VaeConfig = {
  inChannels: 3,
  latentChannels: 4,
  blockOutChannels: [128, 256, 512, 512],
  layersPerBlock: 2,
  normGroups: 32,
  scalingFactor: 0.18215,
}
