// Stable Diffusion XL base 1.0: CLIP-L and OpenCLIP's ViT-bigG/14.
import { clipL, publishedUnet } from '../../published.ts'
import type { Published } from '../../family.ts'

export const published: Published = {
  unet: {
    ...publishedUnet,
    blockOutChannels: [320, 640, 1280],
    transformerLayers: [0, 2, 10],
    midTransformerLayers: 10,
    heads: [5, 10, 20],
    crossAttentionDim: 2048,
    linearProjection: true,
    addedCondition: { timeEmbedDim: 256, inputDim: 2816 },
    sampleSize: 128,
  },
  textEncoders: [clipL, { ...clipL, width: 1280, layers: 32, heads: 20, mlpWidth: 5120, activation: 'gelu', padId: 0, projection: 1280 }],
}
