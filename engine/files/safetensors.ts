// safetensors: a JSON header and plain tensor bytes. Headers are read first; a tensor's bytes only when it is used.
import type { FileHandle } from 'node:fs/promises'
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fileError } from './file-error.ts'
import { refuseOtherFile } from './other-files.ts'
import { refusePickle } from './pickle.ts'
import type { Packed } from './quantised/quantisation.ts'
import { openRegular } from './regular-file.ts'
import { decodeFloat32 } from './safetensors-dtype.ts'
import { parseHeader, readHeaderLength, type SafetensorsEntry } from './safetensors-header.ts'

export { dtypeOf } from './safetensors-dtype.ts'
export { serializeSafetensors, writeSafetensors, type TensorToWrite } from './safetensors-write.ts'
export type { SafetensorsEntry } from './safetensors-header.ts'

/** A file whose header was read and found sound. */
export interface SafetensorsFile {
  readonly path: string
  readonly entries: ReadonlyMap<string, SafetensorsEntry>
  readonly metadata: ReadonlyMap<string, string>
  readonly headerLength: number
  readonly size: number
  /** Of a file that was unpacked: tensors whose stored numbers mean others, by name. */
  readonly packed?: ReadonlyMap<string, Packed>
  /** Names of the tensors that say how, which are no entries. */
  readonly inside?: ReadonlySet<string>
}

/**
 * Reads and checks the header of a safetensors file. Throws `file-not-found`, `too-many-open-files`, `pickle-refused`, or a code that starts
 * with `safetensors-`.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (handle, size) => {
    const first = await readAt(handle, 0, Math.min(size, 512))
    refusePickle(path, first)
    refuseOtherFile(path, first)
    const headerLength = readHeaderLength(path, first, size)
    const header = await readAt(handle, 8, headerLength)
    if (header.byteLength < headerLength) throw changed(path)
    return { path, headerLength, size, ...parseHeader(path, header, size) }
  })
}

/** One tensor as fp32, whatever its stored type. Throws `safetensors-missing-tensor` or `safetensors-dtype`. */
export async function readTensor(file: SafetensorsFile, name: string): Promise<Tensor> {
  const packed = file.packed?.get(name)
  if (packed) return packed.read()
  const { dtype, shape } = entry(file, name)
  const data = decodeFloat32(await readBytes(file, name), dtype)
  if (data === undefined)
    throw new PigmentError(
      'safetensors-dtype',
      `"${file.path}": tensor "${name}" is stored as ${dtype}, which has no plain numeric values. Use a file in F32, F16 or BF16.`,
      { path: file.path, name, dtype },
    )
  return { shape, data }
}

/** The stored bytes of one tensor. Throws `safetensors-missing-tensor`, or `file-changed` when the file is no longer the one that was opened. */
export async function readBytes(file: SafetensorsFile, name: string): Promise<Uint8Array> {
  return readPart(file, name, [0, entry(file, name).length])
}

/** A part of them, by its first byte and the one behind its last. */
export async function readPart(file: SafetensorsFile, name: string, [from, to]: readonly [number, number]): Promise<Uint8Array> {
  const [offset, length] = [entry(file, name).offset + from, to - from]
  return withFile(file.path, async (handle, size) => {
    if (size !== file.size) throw changed(file.path)
    const bytes = await readAt(handle, offset, length)
    if (bytes.byteLength < length) throw changed(file.path)
    return bytes
  })
}

function entry(file: SafetensorsFile, name: string): SafetensorsEntry {
  const found = file.entries.get(name)
  if (found !== undefined) return found
  throw new PigmentError('safetensors-missing-tensor', `"${file.path}" has no tensor "${name}". It may belong to another model family.`, {
    path: file.path,
    name,
  })
}

function changed(path: string): PigmentError {
  return new PigmentError('file-changed', `"${path}" changed while it was in use. Open it again.`, { path })
}

async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  try {
    const handle = await openRegular(path)
    try {
      return await use(handle, (await handle.stat()).size)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

// One read() moves at most 2 GiB.
const largestRead = 2 ** 30

/** `length` bytes from `offset`, or fewer where the file ends. */
async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, largestRead), offset + filled)
    if (bytesRead === 0) return bytes.subarray(0, filled)
    filled += bytesRead
  }
  return bytes
}
