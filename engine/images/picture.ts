// Pictures from disk to plain RGB8, and the many ways in which a file is not a picture.
import { basename } from 'node:path'
import type { Metadata, Sharp } from 'sharp'
import { systemLimit } from '../files/file-error.ts'
import { readRegular } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'
import { inTurn } from './large-pictures.ts'
import sharp from './loaders.ts'
import type { Size } from './model-range.ts'
import type { PictureFormat } from './formats/format.ts'
import { sniffPicture } from './picture-formats.ts'

/** Interleaved 8-bit sRGB: `data.length` is width · height · 3. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

export interface ReadPictureOptions {
  /** Width · height a picture may have; 100 million unless told. */
  readonly maxPixels?: number
}

const MAX_PIXELS = 100_000_000
const MAX_FILE_BYTES = 512 * 1024 * 1024
const MAX_SECONDS = 60

/** Reads a picture: orientation applied, transparency laid on white, any colour space turned to RGB8. */
export async function readPicture(path: string, options: ReadPictureOptions = {}): Promise<Picture> {
  return decodePicture(await readPictureFile(path), basename(path), options)
}

/** The same from bytes; `name` is what errors call the picture. */
export async function decodePicture(bytes: Uint8Array, name: string, options: ReadPictureOptions = {}): Promise<Picture> {
  return decodeInTurn(bytes, name, options, async () => {
    const { data, info } = await upright(bytes, name, options).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  })
}

/** Decodes a picture completely without keeping its pixels: what it is, its upright size, or the error that reading it gives. */
export async function checkPicture(
  bytes: Uint8Array,
  name: string,
  options: ReadPictureOptions = {},
): Promise<{ format: string; width: number; height: number }> {
  return decodeInTurn(bytes, name, options, async (size) => {
    await upright(bytes, name, options).resize(8, 8, { fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: false }).raw().toBuffer()
    return { format: sniffPicture(bytes, name).name, ...size }
  })
}

/** The bytes of a picture file; throws `picture-missing`, `picture-empty` or `picture-too-large`. */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  const name = basename(path)
  try {
    return await readRegular(path, MAX_FILE_BYTES)
  } catch (cause) {
    const { code, facts } = cause as Partial<PigmentError>
    if (code === 'file-over-limit') {
      const sentence = `"${name}" has ${String(facts?.bytes)} bytes; a picture may have ${MAX_FILE_BYTES}. Save it smaller.`
      throw new PigmentError('picture-too-large', sentence, { ...facts, name }, cause)
    }
    if (code === 'not-a-file' || code === 'EISDIR')
      throw new PigmentError('picture-format', `"${name}" is not a file. Choose a picture file.`, { name }, cause)
    const limit = systemLimit(cause, path)
    if (limit) throw limit
    const sentence = `"${name}" cannot be read. Check that the file is still there and that you may read it.`
    throw new PigmentError('picture-missing', sentence, { name, path }, cause)
  }
}

/** The header, not yet the pixels; of several frames or pages the first. What a decoder of our own reads is decoded at once. Called inside `attemptPicture`. */
export function openPicture(bytes: Uint8Array, name: string, { maxPixels = MAX_PIXELS }: ReadPictureOptions): Sharp {
  const { decoder } = sniffPicture(bytes, name)
  if ('decode' in decoder) {
    const { data, ...raw } = decoder.decode(bytes, maxPixels)
    return sharp(data, { raw })
  }
  // Errors, not warnings: cameras write odd JPEG headers, and every other program shows those pictures. A file that ends too early is an error.
  return sharp(bytes, { limitInputPixels: maxPixels, limitInputChannels: 5, failOn: 'error', sequentialRead: true })
}

/** A picture about to be decoded: orientation applied, transparency laid on white, sRGB. Its errors become ours inside `attemptPicture`. */
export function upright(bytes: Uint8Array, name: string, options: ReadPictureOptions): Sharp {
  return openPicture(bytes, name, options)
    .timeout({ seconds: MAX_SECONDS })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
}

/** Runs what decodes the picture's pixels; large pictures one at a time. Its errors are records. */
export function decodeInTurn<T>(
  bytes: Uint8Array,
  name: string,
  options: ReadPictureOptions,
  decode: (upright: Size) => Promise<T>,
): Promise<T> {
  return attemptPicture(name, options, async () => {
    const size = await pictureSize(bytes, name, options)
    return inTurn(size, () => decode(size))
  })
}

/** Of the upright picture, from its header. Called inside `attemptPicture`. */
export async function pictureSize(bytes: Uint8Array, name: string, options: ReadPictureOptions): Promise<Size> {
  const format = sniffPicture(bytes, name)
  if ('size' in format.decoder) return format.decoder.size(bytes, options.maxPixels ?? MAX_PIXELS)
  const header = await openPicture(bytes, name, options).metadata()
  refuseHeldWhole(header, name, format)
  return { width: header.autoOrient.width, height: header.autoOrient.height }
}

/** Interlaced PNGs and progressive JPEGs give no row before the last pass: decoders hold their pixels, or coefficients, until then. */
function refuseHeldWhole({ isProgressive, width, height, channels, depth }: Metadata, name: string, { heldWhole }: PictureFormat): void {
  if (!isProgressive || !heldWhole) return
  const bytes = width * height * channels * heldWhole.each(depth)
  if (bytes <= heldWhole.mostBytes) return
  const { called, instead } = heldWhole
  const sentence = `"${name}" is ${called} of ${width} × ${height} pixels, which would have to be held whole in ${Math.round(bytes / 1e6)} MB. Scale it down, or save it ${instead}.`
  throw new PigmentError('picture-too-large', sentence, { name, width, height, bytes })
}

/** Runs sharp's part of a work and turns its errors into records. */
export async function attemptPicture<T>(
  name: string,
  { maxPixels = MAX_PIXELS }: ReadPictureOptions,
  decode: () => Promise<T>,
): Promise<T> {
  try {
    return await decode()
  } catch (cause) {
    if (cause instanceof PigmentError) throw cause
    // libvips says the same once for each part that it tried.
    const reason = [...new Set((cause instanceof Error ? cause.message : String(cause)).split('\n').filter(Boolean))].join(' · ')
    if (/not configured|bad labq format/i.test(reason)) {
      const sentence = `"${name}" is packed in a way that is not read here. Save it as PNG or JPEG and bring that.`
      throw new PigmentError('picture-format', sentence, { name, reason }, cause)
    }
    if (/pixel limit|exceeds|too large/i.test(reason)) {
      const sentence = `"${name}" has more than ${Math.floor(maxPixels / 1e6)} million pixels. Scale it down and try again.`
      throw new PigmentError('picture-too-large', sentence, { name, maxPixels, reason }, cause)
    }
    const sentence = `"${name}" is damaged and cannot be decoded. Open it in a picture editor and save it again, or leave it out.`
    throw new PigmentError('picture-corrupt', sentence, { name, reason }, cause)
  }
}
