// What kind of picture a file is, told without the library that decodes it.
import { PigmentError } from '../requests/error.ts'
import { isBitmap } from './bmp.ts'

export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff' | 'bmp'

/** As sentences name those that are read. */
export const readableFormats = 'PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP'
/** What pictures that are read are called, also where the name is wrong about the kind: the content decides. */
const ending = /\.(a?png|jpe?g|jpe|jfif|jif|pjpe?g|webp|avif|gif|tiff?|bmp|dib|hei[cf])$/i
/** Pictures, films and drawings of formats that are never read: left out by name. */
const otherEnding = /\.(hif|jxl|jp2|j2k|jpx|svgz?|psd|psb|xcf|kra|ora|clip|procreate|ico|cur|tga|pcx|p[bgp]m|exr|hdr|dds|eps|ai|pdf|dng|cr[23]|nef|arw|orf|rw2|raf|mp4|m4v|mov|webm|mkv|avi|mpe?g)$/i // prettier-ignore

/** Whether a file is taken for a picture by its name. */
export const isPictureName = (name: string): boolean => ending.test(name) && !name.startsWith('.')
/** Whether a file shows something that cannot be read here. */
export const isOtherPictureName = (name: string): boolean => otherEnding.test(name) && !name.startsWith('.')
/** Whether a file that cannot be read is no damaged picture, but one of a format that its name tells. */
export const isForeignName = (name: string): boolean => /\.hei[cf]$/i.test(name)
/** The name without a picture's ending. */
export const pictureStem = (name: string): string => name.replace(ending, '')

/** The format by content; the extension is not asked, it is wrong too often. */
export function sniffPicture(bytes: Uint8Array, name: string): PictureFormat {
  if (bytes.length === 0) throw new PigmentError('picture-empty', `"${name}" is an empty file. Delete it or copy it again.`, { name })
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to))
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png'
  if (text(0, 3) === '\xff\xd8\xff') return 'jpeg'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  if (text(4, 8) === 'ftyp' && /avi[fs]/.test(text(8, 64))) return 'avif'
  if (/^GIF8[79]a/.test(text(0, 6))) return 'gif'
  // The second number is 42, or 43 where offsets have eight bytes. Canon's raw files begin alike.
  if (/^(II[*+]\0|MM\0[*+])/.test(text(0, 4)) && text(8, 10) !== 'CR') return 'tiff'
  if (isBitmap(bytes)) return 'bmp'
  const kind = otherKind(text(0, 64))
  const sentence = kind
    ? `"${name}" is a picture in the format ${kind}, which is not read here. Save it as PNG or JPEG and bring that.`
    : `"${name}" is not a ${readableFormats} picture, whatever its extension says. Save it as PNG and try again.`
  throw new PigmentError('picture-format', sentence, { name, ...(kind ? { kind } : {}) })
}

/** Formats that others write and nobody here reads. */
function otherKind(head: string): string | undefined {
  if (/^.{4}ftyp(hei|hev|mif1|msf1)/s.test(head)) return 'HEIC'
  if (/^.{4}ftyp/s.test(head)) return 'MP4'
  if (/^(\xff\x0a|\0\0\0\x0cJXL )/.test(head)) return 'JPEG XL'
  if (/^\0\0\0\x0cjP {2}/.test(head)) return 'JPEG 2000'
  if (head.startsWith('8BPS')) return 'Photoshop'
  if (/^\0\0[\x01\x02]\0/.test(head)) return 'ICO'
  if (/^(II[*]|MM\0[*])/.test(head)) return 'RAW'
  if (/^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/i.test(head)) return 'SVG'
  return undefined
}
