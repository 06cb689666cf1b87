// Text chunks of PNG files (W3C PNG 3rd edition, §11.3.3): how generated pictures carry their settings.
import { crc32, inflateSync } from 'node:zlib'
import { PigmentError } from '../../requests/error.ts'

export interface PngText {
  readonly keyword: string
  readonly text: string
  /** It has this many bytes, too many to be read: `text` is empty. */
  readonly omitted?: number
}

const MAX_TEXT_BYTES = 1024 * 1024
const MAX_TEXTS = 64
const MAX_KEYWORD = 79
const SIGNATURE = '\x89PNG\r\n\x1a\n'
const HEADER_END = 8 + 12 + 13

/** The same PNG with `texts` after its header: tEXt where Latin-1 is enough, else iTXt. */
export function insertPngText(png: Uint8Array, texts: readonly PngText[]): Uint8Array {
  return Buffer.concat([png.subarray(0, HEADER_END), ...texts.map(textChunk), png.subarray(HEADER_END)])
}

function textChunk({ keyword, text }: PngText): Uint8Array {
  if (!/^[!-~](?:[ -~]{0,77}[!-~])?$/.test(keyword))
    throw new PigmentError('png-keyword', `A PNG text keyword has 1 to 79 ASCII characters, got "${keyword}".`, { keyword })
  // NUL ends a field in the format, so a text cannot hold one.
  const clean = text.replaceAll('\0', '')
  if (/^[\0-\xff]*$/.test(clean)) return chunk('tEXt', Buffer.from(`${keyword}\0${clean}`, 'latin1'))
  // Not compressed, no language, no translated keyword.
  return chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(clean, 'utf8')]))
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(12 + data.length)
  out.writeUInt32BE(data.length, 0)
  out.write(type, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length)
  return out
}

export interface ReadTextOptions {
  /** A text that is too large takes nothing from the others: it is told as omitted, and what follows the 64th is passed over. */
  readonly omit?: boolean
}

/** All texts of a PNG. Compressed ones may not grow past 1 MB; a damaged file throws `picture-corrupt`. */
export function readPngText(png: Uint8Array, name: string, { omit = false }: ReadTextOptions = {}): PngText[] {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  if (bytes.toString('latin1', 0, 8) !== SIGNATURE)
    throw new PigmentError('picture-format', `"${name}" is not a PNG, so it carries no PNG texts. Choose the original PNG.`, { name })
  const texts: PngText[] = []
  for (let at = 8; at < bytes.length;) {
    if (at + 12 > bytes.length) throw corrupt(name, 'it ends inside a chunk')
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const end = at + 12 + length
    if (end > bytes.length) throw corrupt(name, `its ${JSON.stringify(type)} chunk is longer than the file`)
    if (type === 'IEND') break
    if (type === 'tEXt' || type === 'zTXt' || type === 'iTXt') {
      if (texts.length >= MAX_TEXTS) {
        if (omit) break
        throw tooLarge(name, `more than ${MAX_TEXTS} texts`)
      }
      if (length > MAX_TEXT_BYTES) {
        if (!omit) throw tooLarge(name, `a text of ${length} bytes`)
        const keyword = bytes.toString('latin1', at + 8, at + 8 + MAX_KEYWORD).split('\0', 1)[0] ?? ''
        texts.push({ keyword, text: '', omitted: length })
        at = end
        continue
      }
      if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) throw corrupt(name, `its ${type} checksum is wrong`)
      texts.push(parse(type, bytes.subarray(at + 8, end - 4), name, omit))
    }
    at = end
  }
  return texts
}

function parse(type: 'tEXt' | 'zTXt' | 'iTXt', data: Buffer, name: string, omit: boolean): PngText {
  const field = (from: number): number => {
    const end = data.indexOf(0, from)
    if (end < 0) throw corrupt(name, `a ${type} field has no end`)
    return end
  }
  const keywordEnd = field(0)
  const keyword = data.toString('latin1', 0, keywordEnd)
  if (type === 'tEXt') return { keyword, text: data.toString('latin1', keywordEnd + 1) }
  if (type === 'zTXt') return decoded(keyword, inflate(data.subarray(keywordEnd + 2), name, omit), 'latin1')
  const compressed = data[keywordEnd + 1] === 1
  const textAt = field(field(keywordEnd + 3) + 1) + 1
  return decoded(keyword, compressed ? inflate(data.subarray(textAt), name, omit) : data.subarray(textAt), 'utf8')
}

const decoded = (keyword: string, body: Buffer | undefined, encoding: 'latin1' | 'utf8'): PngText =>
  body ? { keyword, text: body.toString(encoding) } : { keyword, text: '', omitted: MAX_TEXT_BYTES + 1 }

function inflate(data: Uint8Array, name: string, omit: boolean): Buffer | undefined {
  try {
    return inflateSync(data, { maxOutputLength: MAX_TEXT_BYTES })
  } catch (cause) {
    if (cause instanceof RangeError && omit) return undefined
    if (cause instanceof RangeError) throw tooLarge(name, `a compressed text of more than ${MAX_TEXT_BYTES} bytes`)
    throw corrupt(name, 'a compressed text cannot be read', cause)
  }
}

function corrupt(name: string, reason: string, cause?: unknown): PigmentError {
  const sentence = `The texts of "${name}" cannot be read: ${reason}. Use the original file, not a damaged copy.`
  return new PigmentError('picture-corrupt', sentence, { name, reason }, cause)
}

export function tooLarge(name: string, what: string): PigmentError {
  const sentence = `"${name}" carries ${what}; settings of a picture are far smaller. Save it again without its metadata.`
  return new PigmentError('picture-text-too-large', sentence, { name, what })
}
