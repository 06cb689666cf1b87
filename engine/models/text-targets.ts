// Layers of a CLIP text encoder that training adapts, by the same names as those of the UNet.
import type { ModelFamily } from './family.ts'

const attention = String.raw`\.self_attn\.(q|k|v|out)_proj$`
const layer = String.raw`${attention}|\.mlp\.fc[12]$`

/** The attention projections, as diffusers' scripts adapt them; or the whole layers, as kohya's do. Reference: sd-scripts networks/lora.py. */
export const textTargets: ModelFamily['textTargets'] = {
  attention: new RegExp(attention),
  transformer: new RegExp(layer),
  all: new RegExp(layer),
}
