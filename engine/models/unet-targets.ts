// Layers of a UNet2DConditionModel that training adapts, in three steps.
import { layerGroups, layerSets, type LayerGroup } from '../requests/layer-groups.ts'
import type { ModelFamily } from './family.ts'

/** In a transformer block `attn1` looks at the picture itself, `attn2` at the text. */
const projection = (attention: number, name: string): RegExp => new RegExp(String.raw`\.attn${attention}\.to_${name}$`)

export const unetGroups: ModelFamily['groups'] = {
  'self-q': projection(1, 'q'),
  'self-k': projection(1, 'k'),
  'self-v': projection(1, 'v'),
  'self-out': projection(1, String.raw`out\.0`),
  'cross-q': projection(2, 'q'),
  'cross-k': projection(2, 'k'),
  'cross-v': projection(2, 'v'),
  'cross-out': projection(2, String.raw`out\.0`),
  'feed-forward': /\.attentions\.\d+\..*\.ff\.net\.(0\.proj|2)$/,
  projections: /\.attentions\.\d+\.(proj_in|proj_out)$/,
  convolutions: /\.resnets\.\d+\.(conv1|conv2|conv_shortcut)$/,
  samplers: /samplers\.0\.conv$/,
  time: /\.resnets\.\d+\.time_emb_proj$/,
}

const among = (groups: readonly LayerGroup[] = []): RegExp => new RegExp(groups.map((name) => unetGroups[name].source).join('|'))

/**
 * The attention projections, as diffusers' scripts adapt them; all that a transformer block holds, as kohya's do; or the residual blocks and
 * samplers too, as kohya's do when given `conv_dim`. Reference: sd-scripts networks/lora.py.
 */
export const unetTargets: ModelFamily['targets'] = {
  attention: among(layerSets.attention),
  transformer: among(layerSets.transformer),
  all: among(layerGroups),
}
