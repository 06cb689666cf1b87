// Stable Diffusion 2.x: OpenCLIP-H, heads of 64 channels, linear projections; the 768 models predict v.
import { because } from '../../requests/reason.ts'
import { headsOfSize } from '../config-from-shapes.ts'
import { notMine, textPrefix, type FamilyRules } from '../family.ts'

const prefix = 'cond_stage_model.model.'
const sgmPrefix = 'conditioner.embedders.0.model.'

export const sd2: FamilyRules = {
  family: 'sd2',
  title: 'Stable Diffusion 2.x',
  usualContext: 1024,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix,
      sgmPrefix,
      names: 'open-clip',
      // So what is left ends with the layer that conditions the UNet, and skip is 1.
      dropsLastLayer: true,
      activation: 'gelu',
      skip: 1,
      finalNorm: true,
      padsWithZero: true,
      pooled: false,
    },
  ],
  heads: headsOfSize(64),
  linearProjection: true,
  sampleSize: (prediction) => (prediction === 'v_prediction' ? 96 : 64),
  scalingFactor: 0.18215,

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
