// Trained networks as a diffusers folder of fp16 safetensors.
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { writeSafetensors } from '../../engine/files/safetensors.ts'
import type { ClipTextConfig, UNetConfig } from '../../engine/checkpoint/config.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { modelFolder, schedule, side, vae } from './architecture.ts'

export interface TrainedModel {
  readonly unet: UNetConfig
  readonly clip: ClipTextConfig
  /** Weights of both, behind `unet/` and `text_encoder/`. */
  readonly diffusion: ReadonlyMap<string, Tensor>
  readonly autoencoder: ReadonlyMap<string, Tensor>
}

const json = (path: string, value: unknown) => writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`))

async function network(
  folderOut: string,
  folder: string,
  file: string,
  config: Record<string, unknown>,
  weights: ReadonlyMap<string, Tensor>,
): Promise<void> {
  await mkdir(join(folderOut, folder), { recursive: true })
  await json(join(folderOut, folder, 'config.json'), config)
  const tensors = [...weights].map(([name, { shape, data }]) => ({
    name,
    dtype: 'F16' as const,
    shape,
    data: fromFloat32(data, 'float16'),
  }))
  await writeSafetensors(join(folderOut, folder, file), tensors, { format: 'pt' })
}

const part = (weights: ReadonlyMap<string, Tensor>, prefix: string) =>
  new Map([...weights].flatMap(([key, value]): [string, Tensor][] => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])))

/** Writes the model; the tokenizer is copied from the embedded one where the folder is another. */
export async function writeModel(folderOut: string, { unet, clip, diffusion, autoencoder }: TrainedModel): Promise<void> {
  const blocks = (name: string, has: (level: number) => boolean, up: boolean) => {
    const kinds = unet.blockOutChannels.map((_, i) => (has(i) ? `CrossAttn${name}Block2D` : `${name}Block2D`))
    return up ? kinds.toReversed() : kinds
  }
  const attends = (level: number) => (unet.transformerLayers[level] ?? 0) > 0

  await network(
    folderOut,
    'unet',
    'diffusion_pytorch_model.safetensors',
    {
      _class_name: 'UNet2DConditionModel',
      sample_size: unet.sampleSize,
      in_channels: unet.inChannels,
      out_channels: unet.outChannels,
      block_out_channels: unet.blockOutChannels,
      layers_per_block: unet.layersPerBlock,
      down_block_types: blocks('Down', attends, false),
      up_block_types: blocks('Up', attends, true),
      mid_block_type: 'UNetMidBlock2DCrossAttn',
      cross_attention_dim: unet.crossAttentionDim,
      // diffusers takes this for the number of heads of each level (a historical name).
      attention_head_dim: unet.heads,
      norm_num_groups: unet.normGroups,
      norm_eps: unet.normEps,
      act_fn: 'silu',
      flip_sin_to_cos: true,
      freq_shift: 0,
      use_linear_projection: unet.linearProjection,
    },
    part(diffusion, 'unet/'),
  )
  await network(
    folderOut,
    'text_encoder',
    'model.safetensors',
    {
      architectures: ['CLIPTextModel'],
      model_type: 'clip_text_model',
      vocab_size: clip.vocabSize,
      hidden_size: clip.width,
      num_hidden_layers: clip.layers,
      num_attention_heads: clip.heads,
      intermediate_size: clip.mlpWidth,
      max_position_embeddings: clip.positions,
      hidden_act: clip.activation,
      layer_norm_eps: clip.layerNormEps,
      projection_dim: clip.width,
      bos_token_id: clip.bosId,
      eos_token_id: clip.eosId,
      pad_token_id: clip.padId,
    },
    part(diffusion, 'text_encoder/'),
  )
  await network(
    folderOut,
    'vae',
    'diffusion_pytorch_model.safetensors',
    {
      _class_name: 'AutoencoderKL',
      in_channels: vae.inChannels,
      out_channels: vae.inChannels,
      latent_channels: vae.latentChannels,
      block_out_channels: vae.blockOutChannels,
      layers_per_block: vae.layersPerBlock,
      down_block_types: vae.blockOutChannels.map(() => 'DownEncoderBlock2D'),
      up_block_types: vae.blockOutChannels.map(() => 'UpDecoderBlock2D'),
      norm_num_groups: vae.normGroups,
      act_fn: 'silu',
      sample_size: side,
      scaling_factor: vae.scalingFactor,
    },
    autoencoder,
  )
  if (folderOut !== modelFolder) await cp(join(modelFolder, 'tokenizer'), join(folderOut, 'tokenizer'), { recursive: true })
  await mkdir(join(folderOut, 'scheduler'), { recursive: true })
  await json(join(folderOut, 'scheduler/scheduler_config.json'), {
    _class_name: 'DDIMScheduler',
    num_train_timesteps: schedule.trainSteps,
    beta_start: schedule.betaStart,
    beta_end: schedule.betaEnd,
    beta_schedule: schedule.betaSchedule,
    prediction_type: schedule.prediction,
    timestep_spacing: schedule.timestepSpacing,
    rescale_betas_zero_snr: schedule.zeroTerminalSnr,
    steps_offset: schedule.stepsOffset,
    set_alpha_to_one: schedule.setAlphaToOne,
    clip_sample: false,
  })
  await json(join(folderOut, 'model_index.json'), {
    _class_name: 'StableDiffusionPipeline',
    feature_extractor: [null, null],
    requires_safety_checker: false,
    safety_checker: [null, null],
    scheduler: ['diffusers', 'DDIMScheduler'],
    text_encoder: ['transformers', 'CLIPTextModel'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
  })
}
