// What kind of picture a file is, told without the library that decodes it.
import { PigmentError } from '../spec/error.ts'

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif'

/** The format by content; the extension is not asked, it is wrong too often. */
export function sniffPicture(bytes: Uint8Array, name: string): PictureFormat {
  if (bytes.length === 0) throw new PigmentError('picture-empty', `"${name}" is an empty file. Delete it or copy it again.`, { name })
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  if (text(4, 8) === 'ftyp' && /avi[fs]/.test(text(8, 64))) return 'avif'
  const sentence = `"${name}" is not a PNG, JPEG, WebP or AVIF picture, whatever its extension says. Save it as PNG and try again.`
  throw new PigmentError('picture-format', sentence, { name })
}
