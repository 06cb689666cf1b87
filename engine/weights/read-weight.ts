// One weight from its place in a file, as fp32 in its PyTorch shape.
import { closeSync, openSync, readSync } from 'node:fs'
import { openRegular } from '../files/regular-file.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import { bytesPerElement, toFloat32 } from '../tensor/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Throws `file-changed` when the file is shorter than it was when it was opened. */
export async function readWeight(source: TensorSource): Promise<Tensor> {
  await using handle = await openRegular(source.file)
  const bytes = new Uint8Array(source.length)
  const { bytesRead } = await handle.read(bytes, 0, source.length, source.offset)
  if (bytesRead !== source.length) throw changed(source)
  const data = toFloat32(bytes, source.dtype)
  const [rows = 0, columns = 0] = source.shape
  if (!source.transposed) return { shape: source.shape, data }
  const turned = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c] ?? 0
  return { shape: [columns, rows], data: turned }
}

/**
 * The same numbers in order, a piece of at most `size` after the other, so that no more than a piece is in memory; a weight that its file has the
 * other way comes whole. Throws `file-changed`, as above.
 */
export async function* weightPieces(source: TensorSource, size: number): AsyncGenerator<Float32Array> {
  if (source.transposed) {
    yield (await readWeight(source)).data
    return
  }
  await using handle = await openRegular(source.file)
  const most = size * bytesPerElement[source.dtype]
  for (let at = 0; at < source.length; at += most) {
    const bytes = new Uint8Array(Math.min(most, source.length - at))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, source.offset + at)
    if (bytesRead !== bytes.length) throw changed(source)
    yield toFloat32(bytes, source.dtype)
  }
}

/** Its bytes as they are stored. Throws `file-changed`, as above. */
export function readWeightBytes(source: TensorSource): Uint8Array {
  const handle = openSync(source.file, 'r')
  try {
    const bytes = new Uint8Array(source.length)
    if (readSync(handle, bytes, 0, source.length, source.offset) !== source.length) throw changed(source)
    return bytes
  } finally {
    closeSync(handle)
  }
}

function changed({ file }: TensorSource): PigmentError {
  return new PigmentError('file-changed', `"${file}" became shorter while it was in use. Restore the file and try again.`, { file })
}
