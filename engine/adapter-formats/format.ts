// What an adapter file format is: recognise a file, read it, write it. One file of this folder each.
import type { Adapter, AdapterModule, Component } from '../adapters/adapter.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { rolesOf, variantCalled, type AdapterVariant, type Dialect, type Unsaid } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import type { AdapterFolder } from '../requests/export.ts'
import { fromFloat32 } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TensorToWrite } from '../files/safetensors.ts'
import type { ModuleShapes } from './base-modules.ts'
import type { AlphaOf } from './read-module.ts'

/** A file of weights, with what stood beside it. */
export interface AdapterFile extends SafetensorsFile {
  /** The parsed config of its folder, where its format has one. */
  readonly config?: unknown
  /** The network that the folder's name speaks of (`unet/`, `text_encoder/`). */
  readonly component?: Component
}

export type Precision = 'fp32' | 'fp16' | 'bf16'

export interface WriteOptions {
  readonly modules: ModuleShapes
  readonly precision: Precision
  /** Instead of the adapter's own. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A file to write: `name` is relative to the adapter's folder. */
export interface FileToWrite {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Reading {
  readonly name: string
  /** Only this network is meant, e.g. by the folder's name. */
  readonly component?: Component | undefined
  /** Where alpha does not stand beside the tensors. */
  readonly alpha?: AlphaOf
  /** How the scale is told, where not beside the tensors: for a person. */
  readonly rule?: (component: Component) => string | undefined
  /** PEFT's config of a network, as it stands in the file or beside it. */
  readonly config?: (component: Component) => Readonly<Record<string, unknown>> | undefined
}

export type Recognised = { readonly yes: string } | { readonly no: string }

/** By the first key that has a mark: what it is like, after "begins with" and the like. */
export function recognisedBy({ entries }: AdapterFile, mark: (key: string) => boolean, says: string): Recognised {
  for (const key of entries.keys()) if (mark(key)) return { yes: `"${key.slice(0, 120)}" ${says}` }
  return { no: `no key ${says}` }
}

export interface AdapterFormat {
  readonly name: string
  /** For a person. */
  readonly title: string
  /** Several files in a folder, or one file. */
  readonly container: 'file' | 'folder'
  /** What an export in it is for; none is offered without it. */
  readonly use?: string
  /** What trained adapters are written in. */
  readonly usual?: true
  /** The folders that hold it, where it is read from folders too. */
  readonly folder?: AdapterFolder
  /** What it puts before a module's path, or between that and the network that somebody put before it. */
  readonly wrapper?: string
  /** Which key told, or why none did. */
  recognise(file: AdapterFile): Recognised
  /** Every name that it may give a module, before the names of its tensors; dots and underscores are the same to readers. */
  spellings(module: Pick<AdapterModule, 'component' | 'path'>, modules: ModuleShapes): readonly string[]
  /** What must be known beside the tensors. Throws `adapter-broken` or `adapter-unsupported`. */
  reading(file: AdapterFile): Reading
  write(adapter: Adapter, options: WriteOptions): readonly FileToWrite[]
}

/** The file's word for a precision, and the engine's. */
export const storedAs = {
  fp32: { raw: 'F32', dtype: 'float32' },
  fp16: { raw: 'F16', dtype: 'float16' },
  bf16: { raw: 'BF16', dtype: 'bfloat16' },
} as const

/** A tensor of a low-rank pair as it goes into a file. */
export function stored(name: string, { shape, data }: Tensor, precision: Precision): TensorToWrite {
  const { raw, dtype } = storedAs[precision]
  return { name, dtype: raw, shape, data: fromFloat32(data, dtype) }
}

/** The tensors of every module as a dialect has them, each behind its module's name. Throws `adapter-format-variant`. */
export function storedModules(
  modules: readonly AdapterModule[],
  precision: Precision,
  dialect: Dialect,
  stemOf: (module: AdapterModule) => string,
): TensorToWrite[] {
  return modules.flatMap((module) => {
    const variant = variantCalled(module.variant)
    const tensors = variant.stored?.(module, dialect) ?? module.tensors
    if (isRefusal(tensors)) throw unsayable(variant, tensors.no)
    return rolesOf(variant, tensors).map((role) => {
      const [suffix] = variant.spelling[role]?.[dialect] ?? []
      if (suffix === undefined) throw unsayable(variant, 'It has no names for its tensors.')
      return stored(stemOf(module) + suffix, tensors[role] as Tensor, precision)
    })
  })
}

/** The alpha of every module that has one, as a tensor of its own. */
export function storedAlphas(modules: readonly AdapterModule[], stemOf: (module: AdapterModule) => string): TensorToWrite[] {
  return modules
    .filter(({ variant }) => variantCalled(variant).scaled)
    .map((module) => storedAlpha(`${stemOf(module)}.alpha`, module.alpha))
}

export const isRefusal = (answer: Readonly<Record<string, unknown>> | Unsaid): answer is Unsaid => typeof answer.no === 'string'

/** What a format cannot hold. */
export function unsayable({ title }: Pick<AdapterVariant, 'title'>, why: string): PigmentError {
  return new PigmentError('adapter-format-variant', `This format cannot hold a ${title} adapter. ${why} Choose another format.`, {
    variant: title,
    why,
  })
}

/**
 * Metadata that is still true in another file: without what one format keeps for itself, without the hashes of the old bytes, and without a
 * `None` where readers expect a number or a text.
 */
export function carriedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const own = ['format', 'lora_adapter_metadata', 'sshs_model_hash', 'sshs_legacy_hash', 'modelspec.hash_sha256']
  const empty = (key: string, value: string): boolean => value === 'None' && /^(ss_training_(started|finished)_at$|modelspec\.)/.test(key)
  return Object.fromEntries(Object.entries(metadata).filter(([key, value]) => !own.includes(key) && !empty(key, value)))
}

/** alpha as a 0-d tensor: always F32, since half precision would bend the scale and every reader takes its value as a number. */
function storedAlpha(name: string, alpha: number): TensorToWrite {
  return stored(name, { shape: [], data: Float32Array.of(alpha) }, 'fp32')
}
