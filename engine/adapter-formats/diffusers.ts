// diffusers: pytorch_lora_weights.safetensors, in the spelling of today and of its two earlier generations.
import type { Adapter, AdapterModule, Component } from '../adapters/adapter.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { parsePythonJson } from '../files/python-json.ts'
import { serializeSafetensors } from '../files/safetensors.ts'
import { PigmentError } from '../requests/error.ts'
import { fileName } from './file-name.ts'
import { carriedMetadata, recognisedBy, storedModules, unsayable, type AdapterFile, type AdapterFormat } from './format.ts'
import { keyPart } from './key-parts.ts'
import { textPaths } from './module-names.ts'
import { parsePeftConfig, peftAlpha, peftConfigOf, peftRule, type PeftConfig } from './peft-config.ts'

const spelled = /^((unet|text_encoder|text_encoder_2)\.|(down_blocks|mid_block|up_blocks|text_model)\.)/
const components: readonly Component[] = ['unet', 'text_encoder', 'text_encoder_2']
/** Alpha has no tensor in this format; newer versions put PEFT's config of every network here. */
const configKey = 'lora_adapter_metadata'

export const diffusers: AdapterFormat = {
  name: 'diffusers',
  title: 'diffusers (pytorch_lora_weights.safetensors)',
  container: 'file',
  folder: { file: 'pytorch_lora_weights.safetensors', says: 'diffusers' },
  use: 'pytorch_lora_weights.safetensors',

  recognise: (file) =>
    recognisedBy(
      file,
      (key) => spelled.test(key) && keyPart(key) !== undefined,
      'is a low-rank part of a diffusers module (unet.…, text_encoder.…)',
    ),

  spellings({ component, path }) {
    const spelled = component === 'unet' ? withAttentionProcessors(path) : textPaths(path).flatMap(withOldTextNames)
    return spelled.flatMap((one) => [one, `${component}.${one}`])
  },

  reading(file) {
    const configs = configsOf(file)
    return {
      name: fileName(file.path),
      component: file.component,
      alpha({ component, path }, rank) {
        const config = configs.get(component)
        return config ? peftAlpha(config, path, rank) : rank
      },
      rule: (component) => {
        const config = configs.get(component)
        return config && peftRule(config)
      },
      config: (component) => configs.get(component)?.fields,
    }
  },

  write(adapter, { precision, metadata = adapter.metadata }) {
    const other = adapter.modules
      .map(({ variant }) => variantCalled(variant))
      .find(({ peft }) => peft !== undefined && peft.type !== 'LORA')
    if (other) throw unsayable(other, 'diffusers loads LoRA and DoRA alone from such a file.')
    const tensors = storedModules(adapter.modules, precision, 'peft', ({ component, path }) => `${component}.${path}`)
    const written = { ...carriedMetadata(metadata), format: 'pt', [configKey]: JSON.stringify(configsFor(adapter), null, 2) }
    return [{ name: 'pytorch_lora_weights.safetensors', bytes: serializeSafetensors(tensors, written) }]
  },
}

/** diffusers ≤ 0.16 kept the pairs in the attention processor, and `to_out` was not yet a list. */
function withAttentionProcessors(path: string): string[] {
  const attention = /^(.*\.attn\d)\.(to_[qkv]|to_out)(\.0)?$/.exec(path)
  if (!attention) return [path]
  const [, parent = '', leaf = ''] = attention
  return [path, `${parent}.${leaf}`, `${parent}.processor.${leaf}`, `${parent}.processor.${path.slice(parent.length + 1)}`]
}

/** The attention processors' words for q_proj … out_proj. */
function withOldTextNames(path: string): string[] {
  return [path, path.replace(/\.self_attn\.([qkv])_proj$/, '.self_attn.to_$1').replace(/\.self_attn\.out_proj$/, '.self_attn.to_out')]
}

function configsFor({ modules }: Adapter): Record<string, unknown> {
  const fields = components.flatMap((component) => {
    const own = modules.filter((module) => module.component === component)
    return own.length === 0
      ? []
      : Object.entries(loraConfigOf(own)).map(([field, value]): [string, unknown] => [`${component}.${field}`, value])
  })
  return Object.fromEntries(fields)
}

/** diffusers loads PEFT's LoRA alone. Throws `adapter-format-variant`. */
function loraConfigOf(modules: readonly AdapterModule[]): Record<string, unknown> {
  const config = peftConfigOf(modules)
  if (config.peft_type === 'LORA') return config
  throw unsayable(variantCalled(modules[0]?.variant ?? ''), 'diffusers loads pairs of down and up tensors alone.')
}

function configsOf(file: AdapterFile): ReadonlyMap<string, PeftConfig> {
  const text = file.metadata.get(configKey)
  const configs = new Map<string, PeftConfig>()
  if (text === undefined) return configs
  const all = parseObject(text, file.path)
  for (const component of components) {
    const own = Object.entries(all).filter(([field]) => field.startsWith(`${component}.`))
    if (own.length === 0) continue
    const fields = Object.fromEntries(own.map(([field, value]) => [field.slice(component.length + 1), value]))
    configs.set(component, parsePeftConfig(fields, file.path))
  }
  return configs
}

const largestConfig = 4_000_000

function parseObject(text: string, path: string): object {
  try {
    const value = text.length > largestConfig ? undefined : parsePythonJson(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below: text that is no JSON, or far too long, and JSON that is no object are the same mistake.
  }
  throw new PigmentError(
    'adapter-broken',
    `"${path}": the metadata "${configKey}" is not a JSON object. Get another copy of this adapter.`,
    { path },
  )
}
