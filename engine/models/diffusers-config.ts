// The networks' config.json files: they win where shapes are silent, and shapes are checked against them where both speak.
import type { ClipTextConfig, Family, Prediction, ScheduleConfig, TimestepSpacing, UNetConfig, VaeConfig } from './config.ts'
import type { JsonSettings } from './json-settings.ts'
import { unsupported } from './refusals.ts'

/** The configuration with everything that unet/config.json states. */
export function unetWithSettings(shaped: UNetConfig, settings: JsonSettings): UNetConfig {
  refuse(settings, unetRequirements)
  const blockOutChannels = settings.wholes('block_out_channels') ?? shaped.blockOutChannels
  const timeEmbedDim = settings.whole('addition_time_embed_dim')
  const inputDim = settings.whole('projection_class_embeddings_input_dim')
  const added = shaped.addedCondition && {
    inputDim: inputDim ?? shaped.addedCondition.inputDim,
    timeEmbedDim: timeEmbedDim ?? shaped.addedCondition.timeEmbedDim,
  }
  return {
    ...shaped,
    blockOutChannels,
    inChannels: settings.whole('in_channels') ?? shaped.inChannels,
    outChannels: settings.whole('out_channels') ?? shaped.outChannels,
    layersPerBlock: settings.isList('layers_per_block')
      ? shaped.layersPerBlock
      : (settings.whole('layers_per_block') ?? shaped.layersPerBlock),
    heads: headsOf(settings, blockOutChannels.length),
    crossAttentionDim: settings.whole('cross_attention_dim') ?? shaped.crossAttentionDim,
    normGroups: settings.whole('norm_num_groups') ?? shaped.normGroups,
    normEps: settings.number('norm_eps') ?? shaped.normEps,
    linearProjection: settings.boolean('use_linear_projection') ?? false,
    ...(added ? { addedCondition: added } : {}),
    sampleSize: settings.whole('sample_size') ?? shaped.sampleSize,
  }
}

/** diffusers' `attention_head_dim` holds the number of heads whenever `num_attention_heads` is absent: an old misnomer. */
function headsOf(settings: JsonSettings, levels: number): number[] {
  const name = settings.isSet('num_attention_heads') ? 'num_attention_heads' : 'attention_head_dim'
  const each = settings.isList(name) ? (settings.wholes(name) ?? []) : Array.from({ length: levels }, () => settings.whole(name) ?? 8)
  if (each.length !== levels)
    throw unsupported(
      settings.path,
      'config',
      `states ${each.length} head counts ("${name}") for ${levels} levels. Get the folder again.`,
      {
        field: name,
      },
    )
  return each
}

/** The configuration with everything that vae/config.json states. */
export function vaeWithSettings(shaped: VaeConfig, settings: JsonSettings): VaeConfig {
  refuse(settings, vaeRequirements)
  return {
    inChannels: settings.whole('in_channels') ?? shaped.inChannels,
    latentChannels: settings.whole('latent_channels') ?? shaped.latentChannels,
    blockOutChannels: settings.wholes('block_out_channels') ?? shaped.blockOutChannels,
    layersPerBlock: settings.whole('layers_per_block') ?? shaped.layersPerBlock,
    normGroups: settings.whole('norm_num_groups') ?? shaped.normGroups,
    scalingFactor: settings.number('scaling_factor') ?? shaped.scalingFactor,
  }
}

/** The configuration with everything that a text encoder's config.json states. Its token ids are leftovers that nothing follows. */
export function clipWithSettings(shaped: ClipTextConfig, settings: JsonSettings): ClipTextConfig {
  // transformers' own default, for files that do not say.
  const activation = settings.string('hidden_act') ?? 'quick_gelu'
  if (activation !== 'quick_gelu' && activation !== 'gelu')
    throw unsupported(settings.path, 'config', `asks for the activation "${activation}"; CLIP text encoders have quick_gelu or gelu.`, {
      field: 'hidden_act',
    })
  return {
    ...shaped,
    vocabSize: settings.whole('vocab_size') ?? shaped.vocabSize,
    width: settings.whole('hidden_size') ?? shaped.width,
    // SD2 states 23, whether or not the file still holds the 24th.
    layers: settings.whole('num_hidden_layers') ?? shaped.layers,
    heads: settings.whole('num_attention_heads') ?? shaped.heads,
    mlpWidth: settings.whole('intermediate_size') ?? shaped.mlpWidth,
    positions: settings.whole('max_position_embeddings') ?? shaped.positions,
    activation,
    layerNormEps: settings.number('layer_norm_eps') ?? shaped.layerNormEps,
  }
}

/** The noise schedule of scheduler_config.json; `usual` stands in for what it leaves out. */
export function scheduleWithSettings(usual: ScheduleConfig, settings: JsonSettings, family: Family, chosen?: Prediction): ScheduleConfig {
  refuse(settings, scheduleRequirements)
  // diffusers overrules two leftovers of the first published folders, in the pipeline of SD 1.x and 2.x only.
  const asStated = family === 'sdxl'
  const clips = asStated && settings.boolean('clip_sample') === true
  const spacing = settings.string('timestep_spacing') ?? usual.timestepSpacing
  return {
    trainSteps: settings.whole('num_train_timesteps') ?? usual.trainSteps,
    betaStart: settings.number('beta_start') ?? usual.betaStart,
    betaEnd: settings.number('beta_end') ?? usual.betaEnd,
    betaSchedule: settings.string('beta_schedule') === 'linear' ? 'linear' : 'scaled_linear',
    prediction: chosen ?? (settings.string('prediction_type') === 'v_prediction' ? 'v_prediction' : 'epsilon'),
    timestepSpacing: spacing as TimestepSpacing | undefined,
    stepsOffset: asStated ? (settings.number('steps_offset') ?? usual.stepsOffset) : 1,
    zeroTerminalSnr: settings.boolean('rescale_betas_zero_snr') ?? usual.zeroTerminalSnr,
    setAlphaToOne: settings.boolean('set_alpha_to_one') ?? usual.setAlphaToOne,
    ...(clips ? { clipSample: settings.number('clip_sample_range') ?? 1 } : {}),
  }
}

/** Values that a field may have; absent and null always pass. */
type Requirements = Readonly<Record<string, readonly unknown[]>>

const unetRequirements: Requirements = {
  _class_name: ['UNet2DConditionModel'],
  act_fn: ['silu', 'swish'],
  addition_embed_type: ['text_time'],
  center_input_sample: [false],
  class_embed_type: [],
  conv_in_kernel: [3],
  conv_out_kernel: [3],
  downsample_padding: [1],
  dual_cross_attention: [false],
  encoder_hid_dim_type: [],
  flip_sin_to_cos: [true],
  freq_shift: [0],
  mid_block_scale_factor: [1],
  mid_block_type: ['UNetMidBlock2DCrossAttn'],
  only_cross_attention: [false],
  resnet_time_scale_shift: ['default'],
  time_cond_proj_dim: [],
  time_embedding_type: ['positional'],
}

const vaeRequirements: Requirements = {
  _class_name: ['AutoencoderKL'],
  act_fn: ['silu', 'swish'],
  latents_mean: [],
  latents_std: [],
  mid_block_add_attention: [true],
  shift_factor: [0],
  use_post_quant_conv: [true],
  use_quant_conv: [true],
}

const scheduleRequirements: Requirements = {
  beta_schedule: ['scaled_linear', 'linear'],
  prediction_type: ['epsilon', 'v_prediction'],
  sigma_data: [],
  thresholding: [false],
  timestep_spacing: ['leading', 'trailing', 'linspace'],
  trained_betas: [],
}

function refuse(settings: JsonSettings, requirements: Requirements): void {
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
