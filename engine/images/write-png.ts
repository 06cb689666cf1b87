// Pictures to PNG files.
import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import sharp from './loaders.ts'
import { insertPngText, type PngText } from './formats/png-text.ts'
import type { Picture } from './picture.ts'

/** A picture as PNG bytes with text chunks; the same picture always gives the same bytes. */
export async function encodePng({ width, height, data }: Picture, texts: readonly PngText[] = []): Promise<Uint8Array> {
  if (!(width > 0 && height > 0) || data.length !== width * height * 3) {
    const sentence = `A picture of ${width}×${height} needs ${width * height * 3} bytes of RGB, got ${data.length}.`
    throw new PigmentError('picture-shape', sentence, { width, height, got: data.length })
  }
  const png = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .png({ compressionLevel: 6 })
    .toBuffer()
  return insertPngText(png, texts)
}

/** Writes a PNG whole or not at all: a reader never sees half a file. */
export async function writePng(path: string, picture: Picture, texts: readonly PngText[] = []): Promise<void> {
  const bytes = await encodePng(picture, texts)
  const draft = `${path}.${randomBytes(6).toString('hex')}.part`
  try {
    await writeFile(draft, bytes)
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    const sentence = `"${basename(path)}" cannot be written. Check that the folder exists, may be written and has space left.`
    throw new PigmentError('picture-write', sentence, { path }, cause)
  }
}
