// Layers of a UNet2DConditionModel that training adapts, in three steps.
import type { ModelFamily } from './family.ts'

const attention = String.raw`\.attn[12]\.to_(q|k|v|out\.0)$`
const transformer = String.raw`\.attentions\.\d+\.(proj_in|proj_out|.*\.ff\.net\.(0\.proj|2))$`
const convolution = String.raw`\.resnets\.\d+\.(conv1|conv2|conv_shortcut|time_emb_proj)$|samplers\.0\.conv$`

/**
 * The attention projections, as diffusers' scripts adapt them; all that a transformer block holds, as kohya's do; or the residual blocks and
 * samplers too, as kohya's do when given `conv_dim`. Reference: sd-scripts networks/lora.py.
 */
export const unetTargets: ModelFamily['targets'] = {
  attention: new RegExp(attention),
  transformer: new RegExp(`${attention}|${transformer}`),
  all: new RegExp(`${attention}|${transformer}|${convolution}`),
}
