// Stable Diffusion 1.x: one CLIP-L text encoder, eight heads on every level, convolutions around the transformers.
import { because } from '../../requests/reason.ts'
import { headsInNumber } from '../config-from-shapes.ts'
import { hasPrefix, hearsMore, notMine, textPrefix, type FamilyRules } from '../family.ts'

const prefix = 'cond_stage_model.transformer.'
const sgmPrefix = 'conditioner.embedders.0.transformer.'

export const sd1: FamilyRules = {
  family: 'sd1',
  title: 'Stable Diffusion 1.x',
  usualContext: 768,
  textEncoders: [
    {
      folder: 'text_encoder',
      tokenizer: 'tokenizer',
      prefix,
      sgmPrefix,
      names: 'hugging-face',
      dropsLastLayer: false,
      activation: 'quick_gelu',
      skip: 1,
      finalNorm: true,
      padsWithZero: false,
      pooled: false,
    },
  ],
  heads: headsInNumber(8),
  linearProjection: false,
  sampleSize: () => 64,
  scalingFactor: 0.18215,

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
