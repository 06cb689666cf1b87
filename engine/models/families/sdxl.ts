// Stable Diffusion XL base: CLIP-L and OpenCLIP-bigG side by side, and a UNet that also hears the picture's size and crop.
import { because } from '../../requests/reason.ts'
import { headsOfSize } from '../config-from-shapes.ts'
import { hasPrefix, notMine, type FamilyRules } from '../family.ts'

const first = 'conditioner.embedders.0.transformer.'
const second = 'conditioner.embedders.1.model.'

export const sdxl: FamilyRules = {
  family: 'sdxl',
  title: 'Stable Diffusion XL',
  usualContext: 2048,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix: first,
      names: 'hugging-face',
      dropsLastLayer: false,
      activation: 'quick_gelu',
      skip: 2,
      finalNorm: false,
      padsWithZero: false,
      pooled: false,
    },
    {
      folder: 'text_encoder_2',
      tokenizer: 'tokenizer_2',
      prefix: second,
      names: 'open-clip',
      // The pooled text is made of the last layer, so all of them stay.
      dropsLastLayer: false,
      activation: 'gelu',
      skip: 2,
      finalNorm: false,
      padsWithZero: true,
      pooled: true,
    },
  ],
  heads: headsOfSize(64),
  linearProjection: true,
  sampleSize: () => 128,
  scalingFactor: 0.13025,

  recogniseFile(file) {
    for (const prefix of [first, second]) if (!hasPrefix(file, prefix)) return notMine(`no tensor below "${prefix}"`)
    return {
      mine: true,
      evidence: [
        because('text-two', 'Two text encoders stand below "{prefix}", as in Stable Diffusion XL base.', {
          prefix: 'conditioner.embedders.',
        }),
      ],
    }
  },

  recogniseFolder(folder) {
    if (!folder.pipeline.startsWith('StableDiffusionXL')) return notMine(`the pipeline is ${folder.pipeline}`)
    return {
      mine: true,
      evidence: [because('folder-sdxl', 'model_index.json names {pipeline} with two text encoders.', { pipeline: folder.pipeline })],
    }
  },
}
