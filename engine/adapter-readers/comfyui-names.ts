// What ComfyUI calls the layers of a model in adapter files, and Forge in its copy of that code. Source: ComfyUI comfy/lora.py, model_lora_keys_unet
// and model_lora_keys_clip.
import { familyCalled } from '../models/family-called.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import type { ReaderBase } from './reader.ts'

const flat = (path: string): string => path.replaceAll('.', '_')
/** Of a text encoder only these have names of kohya's and diffusers' kind. */
const ofClip = /^text_model\.encoder\.layers\.\d+\.(mlp\.fc[12]|self_attn\.(q_proj|k_proj|v_proj|out_proj))$/

/** `own`: names that only ComfyUI has of late. */
export function comfyNames({ family, layout, shapes }: ReaderBase, own: boolean): Map<string, string> {
  const names = new Map<string, string>()
  const { textEncoders } = familyCalled(family)
  for (const layer of shapes.keys()) {
    const dot = layer.indexOf('.')
    const [network, path] = [layer.slice(0, dot), layer.slice(dot + 1)]
    const add = (...all: readonly string[]): void => all.forEach((name) => names.set(name, layer))
    if (network === 'unet') {
      const ldm = ldmPath(path, layout)
      add(`lora_unet_${flat(ldm)}`, `diffusion_model.${ldm}`, `lora_unet_${flat(path)}`)
      if (own) add(`lycoris_${flat(path)}`)
      const processors = path.replaceAll('.to_', '.processor.to_').replace(/\.to_out\.0$/, '.to_out')
      add(processors, `unet.${processors}`)
      continue
    }
    const second = network === 'text_encoder_2'
    const encoder = textEncoders.find(({ folder }) => folder === network)?.inAdapters.comfyui
    if (own && encoder) add(`text_encoders.${encoder}.transformer.${path}`)
    if (ofClip.test(path))
      add(...(second ? ['lora_te2'] : ['lora_te', 'lora_te1']).map((name) => `${name}_${flat(path)}`), `${network}.${path}`)
    if (path === 'text_projection') add(`lora_te${second ? 2 : 1}_text_projection`)
  }
  return names
}
