// What the networks' config.json files must not ask for: fields that change the mathematics, with the values that this engine computes.
import type { JsonSettings } from './json-settings.ts'
import { unsupported } from './refusals.ts'

/** Values that a field may have; absent and null always pass. */
export type Requirements = Readonly<Record<string, readonly unknown[]>>

export const unetRequirements: Requirements = {
  _class_name: ['UNet2DConditionModel'],
  act_fn: ['silu', 'swish'],
  addition_embed_type: ['text_time'],
  attention_type: ['default'],
  center_input_sample: [false],
  class_embed_type: [],
  class_embeddings_concat: [false],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  cross_attention_norm: [],
  downsample_padding: [1],
  dual_cross_attention: [false],
  encoder_hid_dim_type: [],
  flip_sin_to_cos: [true],
  freq_shift: [0],
  mid_block_only_cross_attention: [false],
  mid_block_scale_factor: [1],
  mid_block_type: ['UNetMidBlock2DCrossAttn'],
  num_class_embeds: [],
  only_cross_attention: [false],
  resnet_out_scale_factor: [1],
  resnet_skip_time_act: [false],
  resnet_time_scale_shift: ['default'],
  time_cond_proj_dim: [],
  time_embedding_act_fn: [],
  time_embedding_type: ['positional'],
  timestep_post_act: [],
}

export const vaeRequirements: Requirements = {
  _class_name: ['AutoencoderKL'],
  act_fn: ['silu', 'swish'],
  latents_mean: [],
  latents_std: [],
  mid_block_add_attention: [true],
  shift_factor: [0],
  use_post_quant_conv: [true],
  use_quant_conv: [true],
}

/** Throws `checkpoint-unsupported` where a field has another value. */
export function requireSettings(settings: JsonSettings, requirements: Requirements): void {
  for (const [field, allowed] of Object.entries(requirements)) {
    const value = settings.fields[field]
    if (!settings.isSet(field) || allowed.includes(value)) continue
    const expected = allowed.length > 0 ? allowed.map((one) => JSON.stringify(one)).join(' or ') : 'nothing'
    throw unsupported(
      settings.path,
      'config',
      `has "${field}": ${JSON.stringify(value)}, where this engine knows ${expected}. The checkpoint is of a variant that is not supported.`,
      { field, got: JSON.stringify(value) },
    )
  }
}
