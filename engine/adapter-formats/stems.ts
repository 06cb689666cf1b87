// Every spelling of every module of the base model. `lora_unet_down_blocks_0_…` cannot be taken apart, since `_` also stands inside names,
// so the table is built forwards from the known modules and files are looked up in it.
import type { Component } from '../adapters/adapter.ts'
import { ldmPath } from '../models/keys/ldm-unet.ts'
import { familyCalled } from '../models/family-called.ts'
import { splitModuleKey, type ModuleShapes } from './base-modules.ts'
import { encoderNamesRead } from './encoder-names.ts'

/** Module keys by spelling, dots as underscores: files that are converted by half mix the two. Two modules share one where the file does not say which text encoder it means. */
type StemTable = ReadonlyMap<string, readonly string[]>

export const flat = (path: string): string => path.replaceAll('.', '_')

const tables = new WeakMap<ModuleShapes, StemTable>()

/** The modules that a file may mean by a spelling. */
export const modulesOfStem = (modules: ModuleShapes, stem: string): readonly string[] => stemTable(modules).get(flat(stem)) ?? []

/** The table of a base model; made once. */
function stemTable(modules: ModuleShapes): StemTable {
  const known = tables.get(modules)
  if (known) return known
  const table = new Map<string, string[]>()
  for (const key of modules.shapes.keys())
    for (const stem of new Set(spellings(key, modules).map(flat))) {
      const keys = table.get(stem)
      if (keys) keys.push(key)
      else table.set(stem, [key])
    }
  tables.set(modules, table)
  return table
}

function spellings(key: string, modules: ModuleShapes): string[] {
  const { component, path } = splitModuleKey(key)
  if (component !== 'unet') return textSpellings(component, path)
  const ownKohya = familyCalled(modules.family).kohyaUnetPath(path, modules.layout)
  return unetSpellings(path, ldmPath(path, modules.layout), ownKohya)
}

function unetSpellings(path: string, ldm: string, ownKohya: string): string[] {
  return [
    ...['lora_unet_', 'lycoris_'].flatMap((prefix) => [prefix + path, prefix + ldm, prefix + ownKohya]),
    ...withAttentionProcessors(path).flatMap((spelled) => [spelled, `unet.${spelled}`]),
    ...['', 'unet.', 'diffusion_model.', 'model.diffusion_model.'].flatMap((prefix) => [prefix + ldm, prefix + path]),
  ]
}

/** diffusers ≤ 0.16 kept the pairs in the attention processor, and `to_out` was not yet a list. */
function withAttentionProcessors(path: string): string[] {
  const attention = /^(.*\.attn\d)\.(to_[qkv]|to_out)(\.0)?$/.exec(path)
  if (!attention) return [path]
  const [, parent = '', leaf = ''] = attention
  return [path, `${parent}.${leaf}`, `${parent}.processor.${leaf}`, `${parent}.processor.${path.slice(parent.length + 1)}`]
}

function textSpellings(component: Exclude<Component, 'unet'>, path: string): string[] {
  // transformers 5 dropped `text_model.` from the module path, and files made with it have it no more.
  const paths = [path, path.replace(/^text_model\./, '')]
  const { kohya, comfyui } = encoderNamesRead(component)
  const prefixes = [...[...kohya].map((name) => `${name}_`), ...[...comfyui].map((name) => `text_encoders.${name}.transformer.`)]
  return [
    ...prefixes.flatMap((prefix) => paths.map((spelled) => prefix + spelled)),
    ...paths.flatMap(withOldTextNames).flatMap((spelled) => [spelled, `${component}.${spelled}`]),
  ]
}

/** The attention processors' words for q_proj … out_proj. */
function withOldTextNames(path: string): string[] {
  return [path, path.replace(/\.self_attn\.([qkv])_proj$/, '.self_attn.to_$1').replace(/\.self_attn\.out_proj$/, '.self_attn.to_out')]
}
