// A safetensors file of a checkpoint under a stack: every tensor by the name and in the shape that it has there, whatever the layout of the file. What
// the stack leaves alone is copied bit for bit.
import { storedAs, type Precision } from '../adapter-formats/format.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { dtypeOf, openSafetensors, type SafetensorsEntry, type SafetensorsFile } from '../files/safetensors.ts'
import type { StreamedTensorToWrite } from '../files/safetensors-write.ts'
import { bytesPerElement, type DType } from '../tensor/dtype.ts'
import { elementCount } from '../tensor/tensor.ts'
import { convertedPieces, copiedPieces, mergedPieces, type ChangedWeight } from './merged-weight.ts'

export interface MergedFile {
  readonly source: SafetensorsFile
  readonly tensors: readonly StreamedTensorToWrite[]
  /** Of all tensors together. */
  readonly bytes: number
  /** How many of them differ from the base's. */
  readonly changed: number
}

/** The same file; where no precision is asked for, each tensor keeps its own. */
export async function mergedFile(path: string, changes: Iterable<ChangedWeight>, precision: Precision | undefined): Promise<MergedFile> {
  const source = await openSafetensors(path)
  const here = [...changes].filter((one) => one.source.file === path).toSorted((a, b) => a.source.offset - b.source.offset)
  const tensors = [...source.entries.values()].map((entry) => {
    const inside = here.filter(({ source: { offset } }) => offset >= entry.offset && offset < entry.offset + entry.length)
    return { entry, inside, as: writtenAs(entry, precision, inside.length > 0) }
  })
  return {
    source,
    tensors: tensors.map(({ entry, inside, as }) => ({
      name: entry.name,
      dtype: as?.raw ?? entry.dtype,
      shape: entry.shape,
      pieces: () => (as ? rewrittenPieces(path, entry, inside, as.dtype) : copiedPieces({ file: path, ...entry })),
    })),
    bytes: tensors.reduce((sum, { entry, as }) => sum + (as ? elementCount(entry.shape) * bytesPerElement[as.dtype] : entry.length), 0),
    changed: tensors.filter(({ inside }) => inside.length > 0).length,
  }
}

type Stored = (typeof storedAs)[Precision]

/** The type in which a tensor is written anew; undefined where its bytes stay as they are. */
function writtenAs({ dtype }: SafetensorsEntry, precision: Precision | undefined, changed: boolean): Stored | undefined {
  const own = Object.values(storedAs).find(({ raw }) => raw === dtype)
  // Whole numbers and flags have no precision.
  if (!own && dtype !== 'F64') return undefined
  const wanted = precision === undefined ? (own ?? storedAs.fp32) : storedAs[precision]
  return changed || (precision !== undefined && wanted !== own) ? wanted : undefined
}

/** A tensor part by part: q, k and v may be three weights in one. */
async function* rewrittenPieces(
  file: string,
  { name, dtype: raw, shape, offset, length }: SafetensorsEntry,
  inside: readonly ChangedWeight[],
  dtype: Stored['dtype'],
): AsyncGenerator<Uint8Array> {
  const stored = dtypeOf(raw) as DType
  const size = bytesPerElement[stored]
  const rest = (from: number, to: number): TensorSource => ({
    file,
    dtype: stored,
    shape: from === offset && to === offset + length ? shape : [(to - from) / size],
    offset: from,
    length: to - from,
  })
  const between = (from: number, to: number) =>
    stored === dtype ? copiedPieces(rest(from, to)) : convertedPieces(rest(from, to), dtype, name)
  let at = offset
  for (const change of inside) {
    yield* between(at, change.source.offset)
    yield* mergedPieces(change, dtype, name)
    at = change.source.offset + change.source.length
  }
  yield* between(at, offset + length)
}
