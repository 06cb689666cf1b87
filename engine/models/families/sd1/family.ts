// Stable Diffusion 1.x: one CLIP-L text encoder, eight heads on every level, convolutions around the transformers.
import { because } from '../../../requests/reason.ts'
import { headsInNumber } from '../../config-from-shapes.ts'
import { textDenoiser } from '../../denoiser.ts'
import { hasPrefix, hearsMore, notMine, textPrefix, type ModelFamily } from '../../family.ts'
import { unetBlock } from '../../keys/ldm-unet.ts'
import { publishedDefaults } from '../../published-defaults.ts'
import { textTargets } from '../../text-targets.ts'
import { unetGroups, unetTargets } from '../../unet-targets.ts'
import { published } from './published.ts'

const prefix = 'cond_stage_model.transformer.'
const sgmPrefix = 'conditioner.embedders.0.transformer.'

export const sd1: ModelFamily = {
  name: 'sd1',
  title: 'Stable Diffusion 1.x',
  published,
  defaults: publishedDefaults,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix,
      sgmPrefix,
      names: 'hugging-face',
      inAdapters: { kohya: 'lora_te', comfyui: 'clip_l' },
      activation: 'quick_gelu',
      skip: 1,
      clipSkip: 1,
      finalNorm: true,
      padsWithZero: false,
      pooled: false,
    },
  ],
  heads: headsInNumber(8),
  linearProjection: false,
  sampleSize: () => 64,
  scalingFactor: 0.18215,
  emptyPrompt: 'text',
  alignedFor: 'stable-diffusion',
  schedulerAsStated: false,
  denoiser: textDenoiser,
  targets: unetTargets,
  groups: unetGroups,
  textTargets,
  kohyaUnetPath: (path) => path,
  block: unetBlock,
  metadata: (prediction) => ({
    ss_base_model_version: prediction === 'v_prediction' ? 'sd_v1_v' : 'sd_v1',
    ss_v2: false,
    architecture: 'stable-diffusion-v1',
    implementation: 'diffusers',
  }),

  pipelines: ['StableDiffusionPipeline', 'StableDiffusionImg2ImgPipeline'],

  recogniseFile(file) {
    const found = textPrefix(file, { prefix, sgmPrefix })
    if (found === undefined) return notMine(`no tensor below "${prefix}"`)
    const second = hearsMore(file.entries.keys()) || hasPrefix(file, 'conditioner.embedders.1.')
    if (found === sgmPrefix && second) return notMine('the UNet hears a second condition')
    return {
      mine: true,
      evidence: [
        because('text-hugging-face', 'The text encoder has Hugging Face names below "{prefix}", as in Stable Diffusion 1.x.', {
          prefix: found,
        }),
      ],
    }
  },

  recogniseFolder(folder) {
    if (folder.pipeline !== 'StableDiffusionPipeline') return notMine(`the pipeline is ${folder.pipeline}`)
    if (folder.linearProjection) return notMine('the UNet projects tokens with linear layers')
    return {
      mine: true,
      evidence: [
        because('folder-sd1', 'model_index.json names StableDiffusionPipeline, and the UNet projects with convolutions, as in 1.x.'),
      ],
    }
  },
}
