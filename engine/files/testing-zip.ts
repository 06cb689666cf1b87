// Zips as strangers write them, with whatever names, sizes and modes.
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Bytes as they are, without the flag for UTF-8; a text with it. */
  readonly name: string | Uint8Array
  readonly data: Buffer
  /** What the headers say of its size. */
  readonly claimed?: number
  /** In the directory alone: the data of the first entry once more. */
  readonly again?: boolean
  /** Of Unix, as the headers give it: 0o120777 is a link. */
  readonly mode?: number
}

/** A zip as a stranger writes it, with whatever names and sizes. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const [locals, centrals]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const { name, data, claimed = data.length, again = false, mode = 0 } of entries) {
    const packed = deflateRawSync(data)
    const [file, crc] = [Buffer.from(name), crc32(data)]
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(typeof name === 'string' ? 0x0800 : 0, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc, 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claimed, 18)
    common.writeUInt16LE(file.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, file, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt16LE(mode, 8)
    rest.writeUInt32LE(again ? 0 : offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, file]))
    if (again) continue
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}
