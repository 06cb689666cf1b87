// LyCORIS' own names, as its wrapper and SimpleTuner save adapters: lycoris_down_blocks_0_…, in diffusers' names whatever the family. Text encoders, which
// it would wrap apart, keep kohya's names. Reference: lycoris wrapper.py, LycorisNetwork.LORA_PREFIX.
import type { AdapterModule } from '../adapters/adapter.ts'
import { contentHashes } from '../adapters/metadata.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import type { ModuleShapes } from './base-modules.ts'
import { encoderNames } from './encoder-names.ts'
import { fileName } from './file-name.ts'
import { carriedMetadata, recognisedBy, storedAlphas, storedModules, type AdapterFormat } from './format.ts'
import { flat } from './module-names.ts'

export const lycoris: AdapterFormat = {
  name: 'lycoris',
  title: 'LyCORIS (its own names)',
  container: 'file',
  use: 'LyCORIS and SimpleTuner',

  recognise: (file) => recognisedBy(file, (key) => key.startsWith('lycoris_'), 'begins with lycoris_'),

  spellings: ({ component, path }, { layout }) =>
    component === 'unet' ? [path, ldmPath(path, layout)].map((spelled) => `lycoris_${spelled}`) : [],

  reading: ({ path }) => ({ name: fileName(path) }),

  write(adapter, { modules, precision, metadata = adapter.metadata }) {
    const stem = (module: AdapterModule): string => stemOf(module, modules)
    const tensors = [...storedModules(adapter.modules, precision, 'kohya', stem), ...storedAlphas(adapter.modules, stem)]
    const kept = carriedMetadata(metadata)
    return [{ name: `${adapter.name}.safetensors`, bytes: serializeSafetensors(tensors, { ...kept, ...contentHashes(tensors, kept) }) }]
  },
}

function stemOf({ component, path }: AdapterModule, { family }: ModuleShapes): string {
  return component === 'unet' ? `lycoris_${flat(path)}` : `${encoderNames(family, component).kohya}_${flat(path)}`
}
