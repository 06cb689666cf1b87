// Tiny random checkpoints in both layouts, for tests: the same values under the names that each layout gives them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSafetensors, type TensorToWrite } from '../files/safetensors.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { ClipTextConfig, Family, Prediction, UNetConfig, VaeConfig } from '../checkpoint/config.ts'
import { familyCalled } from './family-called.ts'
import { initialize } from './initialize.ts'
import { clipModules } from './keys/clip-modules.ts'
import { tensorShapes, type ModuleShape } from './keys/modules.ts'
import { unetModules } from './keys/unet-modules.ts'
import { vaeModules } from './keys/vae-modules.ts'

export type Weights = ReadonlyMap<string, Tensor>

/** A checkpoint in memory, by our keys. */
export interface TinyModel {
  readonly family: Family
  readonly prediction: Prediction
  readonly unet: { readonly config: UNetConfig; readonly weights: Weights }
  readonly textEncoders: readonly { readonly config: ClipTextConfig; readonly weights: Weights }[]
  readonly vae: { readonly config: VaeConfig; readonly weights: Weights }
}

/** A model of the family's architecture with at most 64 channels and random weights. `change` adjusts its UNet. */
export function tinyModel(name: Family, change: Partial<UNetConfig> = {}): TinyModel {
  const family = familyCalled(name)
  const { transformerLayers, addedCondition } = family.published.unet
  const texts = family.textEncoders.map(({ activation, skip, finalNorm, padsWithZero, pooled }, i) => {
    const config = { ...tinyText(32 + 16 * i), activation, skip, finalNorm }
    return { ...config, ...(padsWithZero ? { padId: 0 } : {}), ...(pooled ? { projection: 24 } : {}) }
  })
  const fineFirst = transformerLayers[0] !== 0
  const unet: UNetConfig = {
    inChannels: 4,
    outChannels: 4,
    blockOutChannels: [32, 64],
    layersPerBlock: 1,
    transformerLayers: fineFirst ? [1, 0] : [0, 2],
    midTransformerLayers: fineFirst ? 1 : 2,
    heads: [32, 64].map(family.heads),
    crossAttentionDim: texts.reduce((sum, { width }) => sum + width, 0),
    normGroups: 32,
    normEps: 1e-5,
    linearProjection: family.linearProjection,
    ...(addedCondition ? { addedCondition: { timeEmbedDim: 8, inputDim: 24 + 6 * 8 } } : {}),
    sampleSize: family.sampleSize('epsilon'),
    ...change,
  }
  const vae: VaeConfig = {
    inChannels: 3,
    latentChannels: 4,
    blockOutChannels: [32, 64, 64],
    layersPerBlock: 1,
    normGroups: 32,
    scalingFactor: family.scalingFactor,
  }
  return {
    family: name,
    prediction: 'epsilon',
    unet: { config: unet, weights: random('unet', unetModules(unet)) },
    textEncoders: texts.map((config, i) => ({ config, weights: random(`text ${i}`, clipModules(config)) })),
    vae: { config: vae, weights: random('vae', vaeModules(vae)) },
  }
}

/** The same with weights as a network starts training with: its pictures are numbers of an ordinary size. */
export function soundModel(family: Family, change: Partial<UNetConfig> = {}): TinyModel {
  const { unet, textEncoders, vae, ...rest } = tinyModel(family, change)
  return {
    ...rest,
    unet: { config: unet.config, weights: initialize(unetModules(unet.config), 1) },
    textEncoders: textEncoders.map(({ config }, i) => ({ config, weights: initialize(clipModules(config), 2 + i) })),
    vae: { config: vae.config, weights: initialize(vaeModules(vae.config), 4) },
  }
}

function tinyText(width: number): ClipTextConfig {
  return {
    vocabSize: 20,
    width,
    layers: 2,
    heads: 1,
    mlpWidth: 2 * width,
    positions: 7,
    activation: 'quick_gelu',
    layerNormEps: 1e-5,
    bosId: 18,
    eosId: 19,
    padId: 19,
    skip: 1,
    finalNorm: true,
  }
}

function random(stream: string, modules: readonly ModuleShape[]): Weights {
  const value = (key: string, shape: readonly number[]): Tensor => ({
    shape,
    data: randomStream(0, `${stream} ${key}`, 0).normal(elementCount(shape)),
  })
  return new Map([...tensorShapes(modules)].map(([key, shape]) => [key, value(key, shape)]))
}

/** Tensors as the file writer takes them, in fp32, with a prefix before each name. */
export function tensorsOf(weights: Weights, prefix = ''): TensorToWrite[] {
  return [...weights].map(([key, { shape, data }]) => ({
    name: prefix + key,
    dtype: 'F32',
    shape,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }))
}

/** Writes the model as diffusers does: a folder per network with its config.json. */
export async function writeDiffusers(folder: string, model: TinyModel): Promise<void> {
  const json = async (path: string, value: unknown): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), JSON.stringify(value, null, 2))
  }
  const { pipelines } = familyCalled(model.family)
  const textNames = model.textEncoders.map((_, i) => (i === 0 ? 'text_encoder' : 'text_encoder_2'))
  const index = Object.fromEntries(textNames.map((name) => [name, ['transformers', 'CLIPTextModel']]))
  await json('model_index.json', { _class_name: pipelines[0], ...index })

  await json('unet/config.json', unetJson(model.unet.config))
  await writeSafetensors(join(folder, 'unet/diffusion_pytorch_model.safetensors'), tensorsOf(model.unet.weights))
  await json('vae/config.json', vaeJson(model.vae.config))
  await writeSafetensors(join(folder, 'vae/diffusion_pytorch_model.safetensors'), tensorsOf(model.vae.weights))
  for (const [i, { config, weights }] of model.textEncoders.entries()) {
    await json(`${textNames[i]}/config.json`, clipJson(config))
    await writeSafetensors(join(folder, `${textNames[i]}/model.safetensors`), tensorsOf(weights))
  }
  await json('scheduler/scheduler_config.json', {
    _class_name: 'DDIMScheduler',
    num_train_timesteps: 1000,
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    prediction_type: model.prediction,
    steps_offset: 1,
    set_alpha_to_one: false,
  })
  await json('tokenizer/vocab.json', { '<|startoftext|>': 18, '<|endoftext|>': 19 })
  await writeFile(join(folder, 'tokenizer/merges.txt'), '#version: 0.2\n')
}

/** diffusers' spelling of a UNet configuration. */
export function unetJson(config: UNetConfig): Record<string, unknown> {
  const added = config.addedCondition
  return {
    _class_name: 'UNet2DConditionModel',
    in_channels: config.inChannels,
    out_channels: config.outChannels,
    block_out_channels: config.blockOutChannels,
    layers_per_block: config.layersPerBlock,
    attention_head_dim: config.heads,
    cross_attention_dim: config.crossAttentionDim,
    norm_num_groups: config.normGroups,
    norm_eps: config.normEps,
    use_linear_projection: config.linearProjection,
    sample_size: config.sampleSize,
    flip_sin_to_cos: true,
    freq_shift: 0,
    addition_embed_type: added ? 'text_time' : null,
    ...(added ? { addition_time_embed_dim: added.timeEmbedDim, projection_class_embeddings_input_dim: added.inputDim } : {}),
  }
}

export function vaeJson(config: VaeConfig): Record<string, unknown> {
  return {
    _class_name: 'AutoencoderKL',
    in_channels: config.inChannels,
    latent_channels: config.latentChannels,
    block_out_channels: config.blockOutChannels,
    layers_per_block: config.layersPerBlock,
    norm_num_groups: config.normGroups,
    scaling_factor: config.scalingFactor,
  }
}

function clipJson(config: ClipTextConfig): Record<string, unknown> {
  return {
    vocab_size: config.vocabSize,
    hidden_size: config.width,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.mlpWidth,
    max_position_embeddings: config.positions,
    hidden_act: config.activation,
    layer_norm_eps: config.layerNormEps,
  }
}
