// Stable Diffusion 2.x: OpenCLIP-H, heads of 64 channels, linear projections; the 768 models predict v.
import { because } from '../../../requests/reason.ts'
import { headsOfSize } from '../../config-from-shapes.ts'
import { textDenoiser } from '../../denoiser.ts'
import { notMine, textPrefix, type ModelFamily } from '../../family.ts'
import { unetBlock } from '../../keys/ldm-unet.ts'
import { publishedDefaults } from '../../published-defaults.ts'
import { textTargets } from '../../text-targets.ts'
import { unetGroups, unetTargets } from '../../unet-targets.ts'
import { published } from './published.ts'
import { showsV } from './shows-v.ts'

const prefix = 'cond_stage_model.model.'
const sgmPrefix = 'conditioner.embedders.0.model.'

export const sd2: ModelFamily = {
  name: 'sd2',
  title: 'Stable Diffusion 2.x',
  published,
  defaults: publishedDefaults,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix,
      sgmPrefix,
      names: 'open-clip',
      // So what is left ends with the layer that conditions the UNet, and skip is 1.
      dropsLastLayer: { alreadyCut: 23 },
      inAdapters: { kohya: 'lora_te', comfyui: 'clip_h' },
      activation: 'gelu',
      skip: 1,
      clipSkip: 2,
      finalNorm: true,
      padsWithZero: true,
      pooled: false,
    },
  ],
  heads: headsOfSize(64),
  linearProjection: true,
  sampleSize: (prediction) => (prediction === 'v_prediction' ? 96 : 64),
  scalingFactor: 0.18215,
  emptyPrompt: 'text',
  alignedFor: 'stable-diffusion',
  schedulerAsStated: false,
  showsV,
  denoiser: textDenoiser,
  targets: unetTargets,
  groups: unetGroups,
  textTargets,
  kohyaUnetPath: (path) => path,
  block: unetBlock,
  metadata: (prediction) => ({
    ss_base_model_version: prediction === 'v_prediction' ? 'sd_v2_v' : 'sd_v2',
    ss_v2: true,
    architecture: prediction === 'v_prediction' ? 'stable-diffusion-v2-768-v' : 'stable-diffusion-v2-512',
    implementation: 'diffusers',
  }),

  pipelines: ['StableDiffusionPipeline', 'StableDiffusionImg2ImgPipeline'],

  recogniseFile(file) {
    const found = textPrefix(file, { prefix, sgmPrefix })
    if (found === undefined) return notMine(`no tensor below "${prefix}"`)
    return {
      mine: true,
      evidence: [
        because('text-open-clip', 'The text encoder has open_clip names below "{prefix}", as in Stable Diffusion 2.x.', { prefix: found }),
      ],
    }
  },

  recogniseFolder(folder) {
    if (folder.pipeline !== 'StableDiffusionPipeline') return notMine(`the pipeline is ${folder.pipeline}`)
    if (!folder.linearProjection) return notMine('the UNet projects with convolutions')
    return {
      mine: true,
      evidence: [
        because(
          'folder-sd2',
          'model_index.json names StableDiffusionPipeline, and the UNet projects tokens with linear layers, as in 2.x.',
        ),
      ],
    }
  },
}
