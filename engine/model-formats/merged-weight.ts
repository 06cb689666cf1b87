// One weight of a merged model, W₀ + Σ w·term, in pieces of whole rows: what it takes is a few megabytes, however large the weight is. Only terms that
// are dense, or that are made of the whole weight, are there at once, those of one weight at a time.
import { activeModules, type ActiveTerm, type StackEntry } from '../adapters/stack.ts'
import type { Component } from '../adapters/adapter.ts'
import { addTerm, addToBias, type BaseWeight, type Term } from '../adapters/term.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import type { AdaptedNetwork } from '../adapter-formats/base-networks.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { openRegular } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'
import { allFinite, elementCount } from '../tensor/tensor.ts'
import { bytesPerElement, fromFloat32, toFloat32 } from '../tensor/dtype.ts'
import { readWeight } from '../weights/read-weight.ts'

/** A weight that a stack changes, or the bias of one. */
export interface ChangedWeight {
  readonly source: TensorSource
  readonly isBias: boolean
  readonly terms: () => Promise<readonly ActiveTerm[]>
}

const biasKinds: readonly Term['kind'][] = ['shift', 'dense-bias']

type FloatType = 'float32' | 'float16' | 'bfloat16'

/** What a stack changes of one network, by its key. Throws `bake-no-bias` where a bias would have to be added. */
export function changedWeights(network: AdaptedNetwork, stack: readonly StackEntry[]): Map<string, ChangedWeight> {
  const { component, weights } = network
  const changed = new Map<string, ChangedWeight>()
  for (const [path, active] of activeModules(stack, network)) {
    const source = weights.get(`${path}.weight`)
    const bias = weights.get(`${path}.bias`)
    if (!source) continue
    const shape = source.transposed ? source.shape.toReversed() : source.shape
    const base: BaseWeight = { shape, read: () => readWeight(source), bias: bias && (() => readWeight(bias)) }
    // Not those that a stack keeps for its sessions: here they are done with as soon as they are added.
    const terms = async (): Promise<readonly ActiveTerm[]> => {
      const all: ActiveTerm[] = []
      for (const { module, weight } of active)
        for (const term of await variantCalled(module.variant).terms(module, base)) all.push({ term, weight })
      return all
    }
    const kinds = active.flatMap(({ module }) => variantCalled(module.variant).kinds(module))
    const [onWeight, onBias] = [kinds.filter((kind) => !biasKinds.includes(kind)), kinds.filter((kind) => biasKinds.includes(kind))]
    if (onWeight.length > 0) changed.set(`${path}.weight`, { source, isBias: false, terms })
    if (onBias.length === 0) continue
    if (!bias) throw noBias(component, path)
    changed.set(`${path}.bias`, { source: bias, isBias: true, terms })
  }
  return changed
}

function noBias(component: Component, path: string): PigmentError {
  return new PigmentError(
    'bake-no-bias',
    `An adapter shifts the output of "${component}.${path}", and that layer has no bias to hold it: no program would read one there. Leave that adapter out of the merge, and use it beside the model.`,
    { layer: `${component}.${path}` },
  )
}

/** Elements of a piece. */
const most = 2 ** 20

/** The merged weight as bytes of `dtype`, laid out as the source is. Throws `precision-overflow`, `bake-not-finite`, `file-changed`. */
export async function* mergedPieces(changed: ChangedWeight, dtype: FloatType, name: string): AsyncGenerator<Uint8Array> {
  const { source, isBias, terms } = changed
  const active = await terms()
  const [rows = 1] = source.shape
  const row = elementCount(source.shape) / rows
  const atOnce = source.transposed ? rows : Math.max(1, Math.floor(most / row))
  for (let from = 0; from < rows; from += atOnce) {
    const to = Math.min(rows, from + atOnce)
    const base = source.transposed
      ? await readWeight(source)
      : { shape: [to - from, ...source.shape.slice(1)], data: await readValues(source, from * row, (to - from) * row) }
    const data = base.data.slice()
    for (const { term, weight } of active)
      if (isBias) addToBias(data, term, weight)
      else addTerm(data, base, source.transposed ? term : rowsOf(term, rows, from, to), weight)
    if (!allFinite(data)) throw notFinite(name)
    yield encoded(source.transposed ? turned(data, source.shape) : data, dtype, name)
  }
}

/** The values of a stored tensor in another precision. Throws `precision-overflow`. */
export async function* convertedPieces(source: TensorSource, dtype: FloatType, name: string): AsyncGenerator<Uint8Array> {
  const count = elementCount(source.shape)
  for (let from = 0; from < count; from += most) yield encoded(await readValues(source, from, Math.min(most, count - from)), dtype, name)
}

/** Bytes as they are stored. */
export async function* copiedPieces({
  file,
  offset,
  length,
}: Pick<TensorSource, 'file' | 'offset' | 'length'>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += 4 * most) yield await readAt(file, offset + at, Math.min(4 * most, length - at))
}

async function readValues({ file, dtype, offset }: TensorSource, from: number, count: number): Promise<Float32Array> {
  const size = bytesPerElement[dtype]
  return toFloat32(await readAt(file, offset + from * size, count * size), dtype)
}

async function readAt(file: string, offset: number, length: number): Promise<Uint8Array> {
  await using handle = await openRegular(file)
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, offset)
  if (bytesRead === length) return bytes
  throw new PigmentError('file-changed', `"${file}" became shorter while it was in use. Restore the file and try again.`, { file })
}

/** What a term does to some rows of its weight. */
function rowsOf(term: Term, rows: number, from: number, to: number): Term {
  const part = (data: Float32Array): Float32Array => data.subarray((data.length / rows) * from, (data.length / rows) * to)
  if (term.kind === 'low-rank') return { ...term, up: { shape: [to - from, ...term.up.shape.slice(1)], data: part(term.up.data) } }
  if (term.kind === 'dense') return { ...term, delta: { shape: [to - from, ...term.delta.shape.slice(1)], data: part(term.delta.data) } }
  return term.kind === 'gain' && term.side === 'output' ? { ...term, by: part(term.by) } : term
}

/** Back from (O, I) to the (I, O) of the file. */
function turned(data: Float32Array, [inputs = 0, outputs = 0]: readonly number[]): Float32Array {
  const out = new Float32Array(data.length)
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) out[i * outputs + o] = data[o * inputs + i] ?? 0
  return out
}

const largest: Readonly<Record<FloatType, number>> = { float32: Infinity, float16: 65504, bfloat16: Infinity }

function encoded(values: Float32Array, dtype: FloatType, name: string): Uint8Array {
  const limit = largest[dtype]
  const over = limit === Infinity ? undefined : values.find((value) => Math.abs(value) > limit && Number.isFinite(value))
  if (over === undefined) return fromFloat32(values, dtype)
  throw new PigmentError(
    'precision-overflow',
    `"${name}" holds ${over}, and fp16 ends at ${limit}. Write in bf16 or fp32, or lower the strengths.`,
    { name, value: over, limit },
  )
}

function notFinite(name: string): PigmentError {
  return new PigmentError(
    'bake-not-finite',
    `The sum of "${name}" and what the adapters add to it is no finite number. Lower the strengths, or leave out the adapter that is damaged.`,
    { name },
  )
}
