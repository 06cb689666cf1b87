// What is often opened as a checkpoint and is none, or one of another kind: each is named, with what to do instead.
import { PigmentError } from '../requests/error.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import type { UNetConfig, VaeConfig } from '../checkpoint/config.ts'
import { hearsMore, unetPrefix, vaePrefix } from './family.ts'
import { isTextEncoder } from './keys/hugging-face-text.ts'
import { takesMask } from './masked-input.ts'
import { supportedTitles } from './supported.ts'

const supported = `Pigment opens ${supportedTitles('and')}, as a diffusers folder or a single .safetensors file.`

/** The refusal of a sound file of the wrong kind. `kind` is stable. */
export function unsupported(path: string, kind: string, sentence: string, facts: Record<string, unknown> = {}): PigmentError {
  return new PigmentError('checkpoint-unsupported', `"${path}" ${sentence}`, { path, kind, ...facts })
}

interface Refusal {
  readonly kind: string
  /** Any key that matches says that the file is of this kind. */
  readonly sign: RegExp
  /** What else must hold of the keys. */
  readonly also?: (keys: readonly string[]) => boolean
  readonly sentence: string
}

// In order: what names itself by its own keys first, then what is only a part.
const refusals: readonly Refusal[] = [
  {
    kind: 'lora',
    sign: /\.(lora_(down|up|mid|A|B|linear_layer|magnitude_vector)\b|lora\.(down|up)\.|hada_w|lokr_w|oft_blocks|dora_scale|diff(_b)?$)|^(lora|lycoris)_(unet|te)/,
    sentence: 'is an adapter (LoRA), not a checkpoint. Open the checkpoint it was trained on, then add this file to it as an adapter.',
  },
  {
    kind: 'controlnet',
    sign: /^control_model\.|(^|\.)(controlnet_cond_embedding|controlnet_down_blocks|input_hint_block|zero_convs)\./,
    sentence:
      'is a ControlNet, which steers a checkpoint and cannot make pictures alone. ControlNets are not supported; open the checkpoint itself.',
  },
  {
    kind: 'sd3',
    sign: /(^|\.)joint_blocks\.\d/,
    sentence: `is of the Stable Diffusion 3 family, which has no UNet. ${supported}`,
  },
  {
    kind: 'flux',
    sign: /(^|\.)(double_blocks|single_blocks|double_stream_blocks|single_transformer_blocks)\.\d/,
    sentence: `is of the Flux family or a relative of it, which has no UNet. ${supported}`,
  },
  {
    kind: 'refiner',
    sign: /^conditioner\.embedders\.0\.model\./,
    // Stable Diffusion 2.x has the same name for its text encoder where sgm's code wrote it.
    also: (keys) => hearsMore(keys) || !keys.some((key) => key.startsWith(unetPrefix)),
    sentence: 'is the SDXL refiner, which only finishes pictures of the base model. Open the SDXL base checkpoint.',
  },
  {
    kind: 'depth',
    sign: /^depth_model\./,
    sentence: 'is a depth-to-image model, which needs a depth map with every picture. Open the plain text-to-image checkpoint.',
  },
  {
    kind: 'unclip',
    sign: /^(noise_augmentor|embedder\.model\.visual)\./,
    sentence: 'is an image-variation model (unCLIP). Open the plain text-to-image checkpoint.',
  },
  {
    kind: 'video',
    sign: /\.(time_stack|time_mixer|motion_modules|temporal_transformer)\./,
    sentence: `is a video model. ${supported}`,
  },
  {
    kind: 'latent-consistency',
    sign: /(^|\.)time_embed(ding)?\.cond_proj\./,
    sentence:
      'is a guidance-distilled model (latent consistency), whose UNet has one more input. Open the checkpoint that it was distilled from.',
  },
  {
    kind: 'edm',
    sign: /^(edm_mean|edm_std|edm_vpred\..*)$/,
    sentence:
      'was trained with noise levels of its own (EDM, as Playground 2.5 and CosXL), which no sampler here follows. Open a checkpoint of Stable Diffusion XL base.',
  },
  {
    kind: 'embedding',
    sign: /^(emb_params|string_to_param.*|clip_[lg])$/,
    sentence: 'is a textual-inversion embedding, not a checkpoint. Open a checkpoint.',
  },
]

/** Throws `checkpoint-unsupported` when the file is known to be something else than a whole checkpoint. */
export function refuseOtherFiles(file: SafetensorsFile): void {
  const keys = [...file.entries.keys()]
  for (const { kind, sign, also, sentence } of refusals)
    if (keys.some((key) => sign.test(key)) && (also?.(keys) ?? true)) throw unsupported(file.path, kind, sentence)

  const has = (prefix: string): boolean => keys.some((key) => key.startsWith(prefix))
  const folder = 'Open the folder above it, the one with model_index.json.'
  if (has(unetPrefix)) return
  if (has('down_blocks.') && has('mid_block.')) throw unsupported(file.path, 'part', `is only the UNet of a diffusers folder. ${folder}`)
  if (isTextEncoder(keys)) throw unsupported(file.path, 'part', `is only a text encoder. ${folder}`)
  if (has(vaePrefix) || (has('encoder.') && has('decoder.')))
    throw unsupported(
      file.path,
      'vae',
      'is a VAE alone: it turns pictures into latents and back, but cannot make any. Open a whole checkpoint.',
    )
}

const inputKinds: ReadonlyMap<number, readonly [kind: string, what: string]> = new Map([
  [5, ['depth', 'a depth-to-image model']],
  [7, ['upscaler', 'an upscaler']],
  [8, ['instruct-pix2pix', 'an instruct-pix2pix model, which edits a given picture']],
])

/** Throws `checkpoint-unsupported` when the UNet takes more, or gives more, than a latent; one for inpainting takes its mask and masked picture too. */
export function refuseOtherInputs(path: string, unet: UNetConfig, vae: VaeConfig): void {
  const latent = vae.latentChannels
  const [kind, what] = inputKinds.get(unet.inChannels - latent + 4) ?? ['input', 'of a variant that is not supported']
  if (unet.inChannels !== latent && !(takesMask(unet) && unet.outChannels === latent))
    throw unsupported(
      path,
      kind,
      `is ${what}: its UNet takes ${unet.inChannels} channels where the latent has ${latent}. Open the plain text-to-image checkpoint.`,
      { inChannels: unet.inChannels, latentChannels: latent },
    )
  if (unet.outChannels !== latent)
    throw unsupported(path, 'output', `has a UNet with ${unet.outChannels} output channels where the latent has ${latent}. ${supported}`, {
      outChannels: unet.outChannels,
      latentChannels: latent,
    })
}

/** The answer when no family knows a sound file or folder. */
export function unknown(path: string, reasons: ReadonlyMap<string, string>): PigmentError {
  const list = [...reasons].map(([title, reason]) => `${title}: ${reason}`).join('; ')
  return new PigmentError('checkpoint-unknown', `"${path}" is no checkpoint of a known family (${list}). ${supported}`, {
    path,
    reasons: Object.fromEntries(reasons),
  })
}

/** The answer to a folder without model_index.json. A file in it may be what is wanted. */
export function noModel(path: string, names: readonly string[]): PigmentError {
  const files = names.filter((name) => /\.safetensors$/i.test(name))
  const instead =
    names.length === 0
      ? 'it is empty. Choose a diffusers folder, or a single .safetensors file.'
      : files.length === 0
        ? 'it has no model_index.json. Choose the folder that has one, or a single .safetensors file.'
        : `it has no model_index.json. Choose the folder that has one, or a file in this one, such as "${files[0]}".`
  return new PigmentError('checkpoint-unknown', `"${path}" is no model: ${instead}`, { path, kind: 'folder', reasons: {} })
}
