// kohya sd-scripts, and with it Forge, A1111, ComfyUI and CivitAI: one file, flattened names, an alpha beside every pair.
import type { LoraModule } from '../adapters/adapter.ts'
import { contentHashes } from '../adapters/metadata.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import type { ModuleShapes } from './base-modules.ts'
import { fileName } from './file-name.ts'
import { carriedMetadata, storedAlpha, storedPairs, type AdapterFormat } from './format.ts'
import { readPairs } from './read-pairs.ts'
import { flat } from './stems.ts'

const prefixed = /^(lora_unet|lora_te\d?|lycoris)_/

export const kohya: AdapterFormat = {
  name: 'kohya',
  title: 'kohya (.safetensors for A1111, Forge, ComfyUI)',
  container: 'file',

  recognise: (file) =>
    [...file.entries.keys()].some((key) => prefixed.test(key)) ? 'yes' : { no: 'no key begins with lora_unet_, lora_te_ or lycoris_' },

  read: (file, modules) => readPairs(file, modules, { name: fileName(file.path) }),

  write(adapter, { modules, precision, metadata = adapter.metadata }) {
    const tensors = [
      ...storedPairs(adapter.modules, precision, (module, half) => `${stemOf(module, modules)}.lora_${half}.weight`),
      ...adapter.modules.map((module) => storedAlpha(`${stemOf(module, modules)}.alpha`, module.alpha)),
    ]
    const kept = carriedMetadata(metadata)
    return [{ name: `${adapter.name}.safetensors`, bytes: serializeSafetensors(tensors, { ...kept, ...contentHashes(tensors, kept) }) }]
  },
}

/** sd-scripts trains SD1 and SD2 on diffusers' UNet, but SDXL on Stability's, and each keeps the names of its code. */
function stemOf({ component, path }: LoraModule, { family, layout }: ModuleShapes): string {
  if (component === 'unet') return `lora_unet_${flat(family === 'sdxl' ? ldmPath(path, layout) : path)}`
  const prefix = component === 'text_encoder_2' ? 'lora_te2' : family === 'sdxl' ? 'lora_te1' : 'lora_te'
  return `${prefix}_${flat(path)}`
}
