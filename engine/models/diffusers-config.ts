// The networks' config.json files: they win where shapes are silent, and shapes are checked against them where both speak.
import type { ClipTextConfig, UNetConfig, VaeConfig } from '../checkpoint/config.ts'
import { requireSettings, unetRequirements, vaeRequirements } from './diffusers-requirements.ts'
import type { JsonSettings } from './json-settings.ts'
import { unsupported } from './refusals.ts'

/** The configuration with everything that unet/config.json states. */
export function unetWithSettings(shaped: UNetConfig, settings: JsonSettings): UNetConfig {
  requireSettings(settings, unetRequirements)
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
  requireSettings(settings, vaeRequirements)
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
