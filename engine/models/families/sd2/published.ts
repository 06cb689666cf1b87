// Stable Diffusion 2.1, whose text encoder is OpenCLIP's ViT-H/14 without its last layer.
import { clipL, publishedUnet } from '../../published.ts'
import type { Published } from '../../family.ts'

export const published: Published = {
  unet: {
    ...publishedUnet,
    blockOutChannels: [320, 640, 1280, 1280],
    transformerLayers: [1, 1, 1, 0],
    midTransformerLayers: 1,
    heads: [5, 10, 20, 20],
    crossAttentionDim: 1024,
    linearProjection: true,
    sampleSize: 64,
  },
  textEncoders: [{ ...clipL, width: 1024, layers: 23, heads: 16, mlpWidth: 4096, activation: 'gelu', padId: 0 }],
}
