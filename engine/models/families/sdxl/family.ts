// Stable Diffusion XL base: CLIP-L and OpenCLIP-bigG side by side, and a UNet that also hears the picture's size and crop.
import { because } from '../../../requests/reason.ts'
import { headsOfSize } from '../../config-from-shapes.ts'
import { hasPrefix, notMine, type ModelFamily } from '../../family.ts'
import { ldmPath, unetBlock } from '../../keys/ldm-unet.ts'
import { publishedDefaults } from '../../published-defaults.ts'
import { textTargets } from '../../text-targets.ts'
import { unetGroups, unetTargets } from '../../unet-targets.ts'
import { published } from './published.ts'
import { sizedDenoiser } from './sized-denoiser.ts'

const first = 'conditioner.embedders.0.transformer.'
const second = 'conditioner.embedders.1.model.'

export const sdxl: ModelFamily = {
  name: 'sdxl',
  title: 'Stable Diffusion XL',
  published,
  defaults: publishedDefaults,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix: first,
      names: 'hugging-face',
      inAdapters: { kohya: 'lora_te1', comfyui: 'clip_l' },
      activation: 'quick_gelu',
      skip: 2,
      clipSkip: 2,
      finalNorm: false,
      padsWithZero: false,
      pooled: false,
    },
    {
      folder: 'text_encoder_2',
      tokenizer: 'tokenizer_2',
      prefix: second,
      names: 'open-clip',
      // The pooled text is made of the last layer, so none is dropped.
      inAdapters: { kohya: 'lora_te2', comfyui: 'clip_g' },
      activation: 'gelu',
      skip: 2,
      clipSkip: 2,
      finalNorm: false,
      padsWithZero: true,
      pooled: true,
    },
  ],
  heads: headsOfSize(64),
  linearProjection: true,
  sampleSize: () => 128,
  scalingFactor: 0.13025,
  fullVae: true,
  // It was trained with zeros for an absent text.
  emptyPrompt: 'zeros',
  timestepSpacing: 'leading',
  alignedFor: 'stable-diffusion-xl',
  schedulerAsStated: true,
  denoiser: sizedDenoiser,
  targets: unetTargets,
  groups: unetGroups,
  textTargets,
  // sd-scripts trains SD1 and SD2 on diffusers' UNet, but SDXL on Stability's, and each keeps the names of its code.
  kohyaUnetPath: ldmPath,
  block: unetBlock,
  adapterSign: /lora_te2_|text_encoder_2\./,
  // sd-scripts has no word for one that predicts v.
  metadata: () => ({
    ss_base_model_version: 'sdxl_base_v1-0',
    ss_v2: false,
    architecture: 'stable-diffusion-xl-v1-base',
    // By this, readers tell SDXL's names of layers from the others'.
    implementation: 'https://github.com/Stability-AI/generative-models',
  }),

  pipelines: ['StableDiffusionXLPipeline', 'StableDiffusionXLImg2ImgPipeline'],

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
