// From a file's entries to the weights of one network: slices by key, checked against the list of modules.
import { PigmentError } from '../requests/error.ts'
import { dtypeOf, type SafetensorsFile } from '../files/safetensors.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { TensorSource, WeightMap } from '../checkpoint/config.ts'
import { tensorShapes, type ModuleShape } from './keys/modules.ts'

/** The file's tensors whose key starts with `prefix`, by the rest of the key. Types that the engine cannot hold are refused. */
export function slicesOf(file: SafetensorsFile, prefix = ''): Map<string, TensorSource> {
  const slices = new Map<string, TensorSource>()
  for (const [key, { dtype: raw, shape, offset, length }] of file.entries) {
    if (!key.startsWith(prefix)) continue
    const dtype = dtypeOf(raw)
    if (dtype === undefined) throw quantised(file.path, key, raw)
    slices.set(key.slice(prefix.length), { file: file.path, dtype, shape, offset, length })
  }
  return slices
}

const quantised = (path: string, key: string, dtype: string): PigmentError =>
  new PigmentError(
    'checkpoint-dtype',
    `"${path}": tensor "${key}" is stored as ${dtype}; expected F32, F16 or BF16. Use an unquantised version of this checkpoint.`,
    { path, key, dtype },
  )

/** Where in a checkpoint a network was looked for, for messages. */
export interface Place {
  readonly path: string
  /** "UNet", "VAE", "text encoder". */
  readonly network: string
}

const shown = 5

/**
 * Exactly the tensors that the modules need, in their order and shape. Throws `checkpoint-incomplete` with what is missing or mis-shaped, and
 * `checkpoint-dtype` for weights in whole numbers.
 */
export function completeWeights(place: Place, modules: readonly ModuleShape[], found: WeightMap): WeightMap {
  const weights = new Map<string, TensorSource>()
  const missing: string[] = []
  const misshapen: { key: string; expected: readonly number[]; got: readonly number[] }[] = []
  for (const [key, expected] of tensorShapes(modules)) {
    const source = found.get(key)
    const fitted = source && fit(source, expected)
    if (source === undefined) missing.push(key)
    else if (fitted === undefined) misshapen.push({ key, expected, got: source.shape })
    // A file may hold whole numbers besides, such as position_ids; as weights they are quantised.
    else if (/^(u?int\d+|bool)$/.test(source.dtype)) throw quantised(source.file, key, source.dtype)
    else weights.set(key, fitted)
  }
  if (missing.length + misshapen.length > 0) throw incomplete(place, missing, misshapen)
  return weights
}

/** The source in the wanted shape, undefined where it has another one. A 1×1 convolution and a linear layer hold the same data. */
function fit(source: TensorSource, expected: readonly number[]): TensorSource | undefined {
  const stored = source.transposed ? expected.toReversed() : expected
  const trimmed = (shape: readonly number[]): string => shape.join(' ').replace(/( 1)+$/, '')
  if (trimmed(source.shape) !== trimmed(stored) || elementCount(source.shape) !== elementCount(stored)) return undefined
  return { ...source, shape: stored }
}

function incomplete(
  { path, network }: Place,
  missing: readonly string[],
  misshapen: readonly { key: string; expected: readonly number[]; got: readonly number[] }[],
): PigmentError {
  const show = (shape: readonly number[]): string => `(${shape.join(', ')})`
  const list = (items: readonly string[]): string => items.slice(0, shown).join('; ') + (items.length > shown ? '; …' : '')
  const parts: string[] = []
  if (missing.length > 0) parts.push(`${missing.length} missing: ${list(missing)}.`)
  if (misshapen.length > 0)
    parts.push(
      `${misshapen.length} of another shape: ${list(misshapen.map((m) => `${m.key} expected ${show(m.expected)}, got ${show(m.got)}`))}.`,
    )
  return new PigmentError(
    'checkpoint-incomplete',
    `"${path}": the ${network} is not complete. ${parts.join(' ')} The file may be damaged, pruned, or of a variant that is not supported; get it again.`,
    {
      path,
      network,
      missing: missing.slice(0, shown),
      missingCount: missing.length,
      misshapen: misshapen.slice(0, shown),
      misshapenCount: misshapen.length,
    },
  )
}
