// PEFT: a folder of adapter_model.safetensors and adapter_config.json for each network. Alpha stands in the config.
import { basename, dirname } from 'node:path'
import type { Component } from '../adapters/adapter.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { carriedMetadata, recognisedBy, storedModules, type AdapterFormat } from './format.ts'
import { keyPart } from './key-parts.ts'
import { textPaths } from './module-names.ts'
import { ownPart } from './own-parts.ts'
import { parsePeftConfig, peftAlpha, peftConfigOf, peftRule } from './peft-config.ts'

const prefix = 'base_model.model.'
/** Weights and biases of the model that a file replaces, by the model's names. */
function ownNames(keys: Iterable<string>): string[] {
  const names = [...keys].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  return names.flatMap((name) => (keyPart(name) ? [] : (ownPart(name)?.name ?? [])))
}

const components: readonly Component[] = ['unet', 'text_encoder', 'text_encoder_2']

export const peft: AdapterFormat = {
  name: 'peft',
  title: 'PEFT (folder with adapter_config.json)',
  container: 'folder',
  folder: {
    file: 'adapter_model.safetensors',
    config: 'adapter_config.json',
    networks: true,
    says: 'PEFT, also in unet/ or text_encoder/',
  },
  wrapper: prefix,
  use: 'a folder with adapter_config.json',

  recognise: (file) => recognisedBy(file, (key) => key.startsWith(prefix), `begins with ${prefix}`),

  spellings: ({ component, path }) => textPaths(path).flatMap((spelled) => [spelled, `${component}.${spelled}`]),

  reading(file) {
    const config = file.config === undefined ? undefined : parsePeftConfig(file.config, file.path, ownNames(file.entries.keys()))
    return {
      name: basename(dirname(file.path)),
      component: file.component,
      alpha: ({ path }, rank) => (config ? peftAlpha(config, path, rank) : rank),
      rule: () => config && peftRule(config),
      config: () => config?.fields,
    }
  },

  write(adapter, { precision, metadata = adapter.metadata }) {
    const used = components.filter((component) => adapter.modules.some((module) => module.component === component))
    // PEFT wraps one network; an adapter of several is a folder of folders, as in its own Stable Diffusion example.
    return used.flatMap((component) => {
      const folder = used.length === 1 && component === 'unet' ? '' : `${component}/`
      const modules = adapter.modules.filter((module) => module.component === component)
      const tensors = loadedAs(component).flatMap((spelled) =>
        storedModules(modules, precision, 'peft', ({ path }) => prefix + spelled(path)),
      )
      return [
        {
          name: `${folder}adapter_model.safetensors`,
          bytes: serializeSafetensors(tensors, { ...carriedMetadata(metadata), format: 'pt' }),
        },
        { name: `${folder}adapter_config.json`, bytes: new TextEncoder().encode(`${JSON.stringify(peftConfigOf(modules), null, 2)}\n`) },
      ]
    })
  },
}

/**
 * transformers 5 took `text_model.` out of CLIPTextModel, though not out of CLIPTextModelWithProjection, which SDXL's second encoder is. PEFT
 * leaves a layer whose key it does not find as it was, and passes over keys that it does not know: with both, either version finds all.
 */
function loadedAs(component: Component): ((path: string) => string)[] {
  const whole = (path: string): string => path
  return component === 'text_encoder' ? [whole, (path) => textPaths(path)[1] ?? path] : [whole]
}
