// The original ldm code's dotted names, as ComfyUI saves adapters and OneTrainer offers to: diffusion_model.input_blocks.1.1.….
import type { AdapterModule } from '../adapters/adapter.ts'
import { contentHashes } from '../adapters/metadata.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import type { ModuleShapes } from './base-modules.ts'
import { encoderNames, encoderNamesRead } from './encoder-names.ts'
import { fileName } from './file-name.ts'
import { carriedMetadata, recognisedBy, storedAlphas, storedModules, type AdapterFormat } from './format.ts'
import { keyPart } from './key-parts.ts'
import { textPaths } from './module-names.ts'

const spelled = /^((model\.)?diffusion_model|input_blocks|middle_block|output_blocks|text_encoders)\./

export const ldm: AdapterFormat = {
  name: 'ldm',
  title: 'ComfyUI (original ldm names)',
  container: 'file',
  use: 'ComfyUI, in names of the model itself',

  recognise: (file) =>
    recognisedBy(file, (key) => spelled.test(key) && keyPart(key) !== undefined, 'is a low-rank part of an ldm module (diffusion_model.…)'),

  spellings({ component, path }, { layout }) {
    if (component !== 'unet')
      return [...encoderNamesRead(component).comfyui].flatMap((name) =>
        textPaths(path).map((spelled) => `text_encoders.${name}.transformer.${spelled}`),
      )
    const ldm = ldmPath(path, layout)
    return ['', 'unet.', 'diffusion_model.', 'model.diffusion_model.'].flatMap((prefix) => [prefix + ldm, prefix + path])
  },

  reading: ({ path }) => ({ name: fileName(path) }),

  write(adapter, { modules, precision, metadata = adapter.metadata }) {
    const stem = (module: AdapterModule): string => stemOf(module, modules)
    const tensors = [...storedModules(adapter.modules, precision, 'kohya', stem), ...storedAlphas(adapter.modules, stem)]
    const kept = carriedMetadata(metadata)
    return [{ name: `${adapter.name}.safetensors`, bytes: serializeSafetensors(tensors, { ...kept, ...contentHashes(tensors, kept) }) }]
  },
}

function stemOf({ component, path }: AdapterModule, { family, layout }: ModuleShapes): string {
  if (component === 'unet') return `diffusion_model.${ldmPath(path, layout)}`
  return `text_encoders.${encoderNames(family, component).comfyui}.transformer.${path}`
}
