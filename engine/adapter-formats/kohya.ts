// kohya sd-scripts, and with it Forge, A1111, ComfyUI and CivitAI: one file, flattened names, an alpha beside every module.
import type { AdapterModule } from '../adapters/adapter.ts'
import { contentHashes } from '../adapters/metadata.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { familyCalled } from '../models/family-called.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import type { ModuleShapes } from './base-modules.ts'
import { encoderNames, encoderNamesRead } from './encoder-names.ts'
import { fileName } from './file-name.ts'
import { carriedMetadata, recognisedBy, storedAlphas, storedModules, type AdapterFormat } from './format.ts'
import { storedEmbeddings } from './stored-embeddings.ts'
import { flat, textPaths } from './module-names.ts'

const prefixed = /^(lora_unet|lora_te\d?|oft_unet)_/
const bundled = /^bundle_emb\./
/** LyCORIS' own names, with which text encoders are called as here. */
const others = /^lycoris_/

export const kohya: AdapterFormat = {
  name: 'kohya',
  title: 'kohya (.safetensors for A1111, Forge, ComfyUI)',
  container: 'file',
  use: 'A1111, Forge and ComfyUI',
  usual: true,

  recognise(file) {
    const keys = [...file.entries.keys()]
    if (keys.some((key) => others.test(key))) return { no: 'some keys begin with lycoris_' }
    // Vectors of a trigger word that were learnt alone.
    if (keys.length > 0 && keys.every((key) => bundled.test(key))) return recognisedBy(file, () => true, 'begins with bundle_emb.')
    return recognisedBy(file, (key) => prefixed.test(key), 'begins with lora_unet_, lora_te_ or oft_unet_')
  },

  spellings({ component, path }, { family, layout }) {
    if (component !== 'unet')
      return [...encoderNamesRead(component).kohya].flatMap((name) => textPaths(path).map((spelled) => `${name}_${spelled}`))
    const paths = [path, ldmPath(path, layout), familyCalled(family).kohyaUnetPath(path, layout)]
    // The last is that of sd-scripts' OFT.
    return ['lora_unet_', 'oft_unet_'].flatMap((prefix) => paths.map((spelled) => prefix + spelled))
  },

  reading: ({ path }) => ({ name: fileName(path) }),

  write(adapter, { modules, precision, metadata = adapter.metadata }) {
    const stem = (module: AdapterModule): string => stemOf(module, modules)
    const tensors = [
      ...storedModules(adapter.modules, precision, 'kohya', stem),
      ...storedAlphas(adapter.modules, stem),
      ...storedEmbeddings(adapter.embeddings ?? [], precision),
    ]
    const kept = carriedMetadata(metadata)
    return [{ name: `${adapter.name}.safetensors`, bytes: serializeSafetensors(tensors, { ...kept, ...contentHashes(tensors, kept) }) }]
  },
}

function stemOf({ component, path }: AdapterModule, { family, layout }: ModuleShapes): string {
  const { kohyaUnetPath } = familyCalled(family)
  if (component === 'unet') return `lora_unet_${flat(kohyaUnetPath(path, layout))}`
  return `${encoderNames(family, component).kohya}_${flat(path)}`
}
