// What an adapter file format is: recognise a file, read it, write it. One file of this folder each.
import type { Adapter, Component, LoraModule } from '../adapters/adapter.ts'
import type { SafetensorsFile } from '../files/safetensors.ts'
import { fromFloat32 } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { TensorToWrite } from '../files/safetensors.ts'
import type { ModuleShapes } from './base-modules.ts'

/** A file of weights, with what stood beside it. */
export interface AdapterFile extends SafetensorsFile {
  /** The parsed `adapter_config.json` of a PEFT folder. */
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
  recognise(file: AdapterFile): 'yes' | { readonly no: string }
  /** Throws `adapter-family-mismatch`, `adapter-broken` or `adapter-unsupported`. */
  read(file: AdapterFile, modules: ModuleShapes): Promise<Adapter>
  write(adapter: Adapter, options: WriteOptions): readonly FileToWrite[]
}

const storedAs = {
  fp32: { raw: 'F32', dtype: 'float32' },
  fp16: { raw: 'F16', dtype: 'float16' },
  bf16: { raw: 'BF16', dtype: 'bfloat16' },
} as const

/** A tensor of a low-rank pair as it goes into a file. */
export function stored(name: string, { shape, data }: Tensor, precision: Precision): TensorToWrite {
  const { raw, dtype } = storedAs[precision]
  return { name, dtype: raw, shape, data: fromFloat32(data, dtype) }
}

/** down and up of every module, under names made from the module. */
export function storedPairs(
  modules: readonly LoraModule[],
  precision: Precision,
  nameOf: (module: LoraModule, half: 'down' | 'up') => string,
): TensorToWrite[] {
  return modules.flatMap((module) => [
    stored(nameOf(module, 'down'), module.down, precision),
    stored(nameOf(module, 'up'), module.up, precision),
  ])
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
export function storedAlpha(name: string, alpha: number): TensorToWrite {
  return stored(name, { shape: [], data: Float32Array.of(alpha) }, 'fp32')
}
