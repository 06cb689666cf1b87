// The files of an export as other programs find them.
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { WrittenFile } from '../../engine/adapter-readers/reader.ts'
import { decodeFloat32 } from '../../engine/files/safetensors-dtype.ts'
import { parseHeader, readHeaderLength } from '../../engine/files/safetensors-header.ts'
import type { FileHashes } from '../../engine/requests/export.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'

export interface BytesOfFile {
  /** From the folder of the export, with forward slashes. */
  readonly name: string
  readonly bytes: Uint8Array
}

export function writtenFiles(files: readonly BytesOfFile[]): { readonly read: WrittenFile[]; readonly hashes: FileHashes[] } {
  const configs = new Map(
    files.flatMap(({ name, bytes }) => (name.endsWith('.json') ? [[dirname(name), JSON.parse(textOf(bytes)) as unknown]] : [])),
  )
  const weights = files.filter(({ name }) => name.endsWith('.safetensors'))
  const opened = weights.map(({ name, bytes }) => {
    const length = readHeaderLength(name, bytes.subarray(0, 16), bytes.byteLength)
    const { entries, metadata } = parseHeader(name, bytes.subarray(8, 8 + length), bytes.byteLength)
    const tensors = new Map<string, Tensor>()
    for (const [key, { shape, dtype, offset, length: size }] of entries)
      tensors.set(key, { shape, data: decodeFloat32(bytes.subarray(offset, offset + size), dtype) ?? new Float32Array() })
    const content = sha256(bytes.subarray(8 + length))
    const sshs = metadata.get('sshs_model_hash')
    return {
      file: { name, metadata, tensors, config: configs.get(dirname(name)) },
      hashes: {
        name,
        autoV2: sha256(bytes).slice(0, 10),
        autoV3: content.slice(0, 12),
        ...(sshs === undefined ? {} : { sshsAgrees: sshs === content }),
      },
    }
  })
  return { read: opened.map(({ file }) => file), hashes: opened.map(({ hashes }) => hashes) }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
