// diffusers' load_lora_weights: a file in kohya's names is converted; in its own, networks by the first word of a key, and one config for all of them in the metadata; a key that no layer takes is told and
// left. Source: diffusers loaders/{lora_pipeline,lora_base,peft}.py.
import { because } from '../requests/reason.ts'
import { grouped, isConfig, pairOf, splitPeft, type Config } from './configured-pairs.ts'
import { isKohya, readKohya } from './diffusers-kohya.ts'
import type { AdapterReader, DroppedKey, ReadChange, WrittenFile } from './reader.ts'

const networks = ['unet', 'text_encoder', 'text_encoder_2'] as const

export const diffusers: AdapterReader = {
  name: 'diffusers',
  title: 'diffusers',
  formats: ['diffusers'],
  read(files, base) {
    const [file] = files
    if (file && isKohya(file)) return readKohya(file, base)
    const { shapes } = base
    const layers = new Map<string, readonly ReadChange[]>()
    const dropped: DroppedKey[] = []
    const tensors = file?.tensors ?? new Map<string, never>()
    for (const key of tensors.keys())
      if (!networks.some((network) => key.startsWith(`${network}.`)) || !splitPeft(key))
        dropped.push({ key, reason: because('reader-no-part', 'The program knows no such tensor: {part}.', { part: key }) })
    for (const [layer, parts] of grouped(tensors)) {
      const network = networks.find((one) => layer.startsWith(`${one}.`))
      const path = layer.slice((network ?? '').length + 1)
      const pair = network && shapes.has(layer) ? pairOf(parts, configOf(file, network), path) : undefined
      if (pair) layers.set(layer, pair)
      else if (network)
        for (const part of parts.keys())
          dropped.push({
            key: `${layer}.${part}`,
            reason: shapes.has(layer)
              ? because('reader-no-part', 'The program knows no such tensor: {part}.', { part })
              : because('reader-no-layer', 'The program has no layer of this name.', {}),
          })
    }
    return { layers, dropped, notes: [] }
  },
}

/** Without it alpha is the rank. */
function configOf(file: WrittenFile | undefined, network: string): Config | undefined {
  const text = file?.metadata.get('lora_adapter_metadata')
  const all: unknown = text === undefined ? undefined : JSON.parse(text)
  if (!isConfig(all)) return undefined
  const own = Object.entries(all).filter(([field]) => field.startsWith(`${network}.`))
  return own.length === 0 ? undefined : Object.fromEntries(own.map(([field, value]) => [field.slice(network.length + 1), value]))
}
