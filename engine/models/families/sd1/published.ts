// Stable Diffusion 1.5.
import { clipL, publishedUnet } from '../../published.ts'
import type { Published } from '../../family.ts'

export const published: Published = {
  unet: {
    ...publishedUnet,
    blockOutChannels: [320, 640, 1280, 1280],
    transformerLayers: [1, 1, 1, 0],
    midTransformerLayers: 1,
    heads: [8, 8, 8, 8],
    crossAttentionDim: 768,
    linearProjection: false,
    sampleSize: 64,
  },
  textEncoders: [clipL],
}
