// The modules of a base model that an adapter can act on: the only source of names and shapes, since names in files are never parsed.
import { isEmbedding, type AdapterModule, type Component } from '../adapters/adapter.ts'
import type { Checkpoint, Family } from '../checkpoint/config.ts'
import { clipModules } from '../models/keys/clip-modules.ts'
import type { UNetLayout } from '../models/keys/ldm-unet.ts'
import type { ModuleShape } from '../models/keys/modules.ts'
import { unetModules } from '../models/keys/unet-modules.ts'

export interface ModuleShapes {
  readonly family: Family
  /** What the ldm numbering of blocks depends on. */
  readonly layout: UNetLayout
  /** Weight shape, (O, I) or (O, I, k, k), by `${component}.${path}` in dotted diffusers names. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  /** The same of what no session leaves open: norms (C) and embeddings (T, D). Only differences that are folded act on them. */
  readonly closed: ReadonlyMap<string, readonly number[]>
}

const components: readonly Component[] = ['unet', 'text_encoder', 'text_encoder_2']

/** The Linear and Conv2d modules of a checkpoint, and its norms and embeddings apart. */
export function moduleShapes({ family, unet, textEncoders }: Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>): ModuleShapes {
  const [shapes, closed] = [new Map<string, readonly number[]>(), new Map<string, readonly number[]>()]
  const add = (component: Component | undefined, modules: readonly ModuleShape[]): void => {
    for (const { path, weight } of modules)
      if (component !== undefined) (weight.length > 1 && !isEmbedding(path) ? shapes : closed).set(`${component}.${path}`, weight)
  }
  add('unet', unetModules(unet.config))
  textEncoders.forEach((encoder, i) => add(components[i + 1], clipModules(encoder.config)))
  return { family, layout: unet.config, shapes, closed }
}

/** Of a layer, a norm or an embedding. */
export const weightShape = ({ shapes, closed }: ModuleShapes, key: string): readonly number[] => shapes.get(key) ?? closed.get(key) ?? []

/** The parts of `${component}.${path}`, the key of a module in ModuleShapes. */
export function splitModuleKey(key: string): Pick<AdapterModule, 'component' | 'path'> {
  const dot = key.indexOf('.')
  return { component: components.find((name) => name === key.slice(0, dot)) ?? 'unet', path: key.slice(dot + 1) }
}
