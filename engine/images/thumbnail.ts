// Small pictures of big ones, and what can be told of a picture by its small one.
import { basename } from 'node:path'
import { openRegular } from '../files/regular-file.ts'
import { attemptPicture, decodeInTurn, pictureSize, readPictureFile, upright } from './picture.ts'
import { sniffPicture } from './picture-formats.ts'

/** The picture as WebP with its longer side at most `side`. */
export async function thumbnail(bytes: Uint8Array, name: string, side: number): Promise<Uint8Array> {
  return decodeInTurn(bytes, name, {}, () =>
    upright(bytes, name, {}).resize(side, side, { fit: 'inside', withoutEnlargement: true }).webp({ quality: 82, effort: 2 }).toBuffer(),
  )
}

/** Sides of the pictures that files show of themselves, as ModelSpec asks. */
const coverSide = 256

/** A picture's file as an address that holds it whole. */
export async function coverAddress(path: string): Promise<string> {
  const bytes = await readPictureFile(path)
  const small = await decodeInTurn(bytes, basename(path), {}, () =>
    upright(bytes, basename(path), {}).resize(coverSide, coverSide, { fit: 'inside' }).jpeg({ quality: 85 }).toBuffer(),
  )
  return `data:image/jpeg;base64,${small.toString('base64')}`
}

export interface PictureMeasure {
  /** Its name. */
  readonly format: string
  readonly width: number
  readonly height: number
}

const headBytes = 128 * 1024

/** Format and upright size from the head of the file; the whole is read only where that is not enough. */
export async function measurePicture(path: string): Promise<PictureMeasure> {
  const name = basename(path)
  const measure = (bytes: Uint8Array): Promise<PictureMeasure> =>
    attemptPicture(name, {}, async () => {
      const format = sniffPicture(bytes, name).name
      return { format, ...(await pictureSize(bytes, name, {})) }
    })
  const head = await headOf(path)
  const found = head && (await measure(head).catch(() => undefined))
  return found ?? measure(await readPictureFile(path))
}

/** Undefined where the file is shorter, or cannot be read. */
async function headOf(path: string): Promise<Uint8Array | undefined> {
  await using file = await openRegular(path).catch(() => undefined)
  const head = new Uint8Array(headBytes)
  const { bytesRead = 0 } = (await file?.read(head, 0, headBytes, 0)) ?? {}
  return bytesRead === headBytes ? head : undefined
}

export interface PictureLook {
  /** 64 bits, one for each horizontal step of brightness in a 9 × 8 picture, as 16 hexadecimal digits. */
  readonly hash: string
  /** Variance of the Laplacian of the brightness in a 256-pixel picture: small where nothing is sharp. */
  readonly sharpness: number
}

/** What tells near-duplicates and blur. References: Krawetz 2013 (dHash); Pech-Pacheco et al. 2000 (variance of the Laplacian). */
export async function lookAt(bytes: Uint8Array, name: string): Promise<PictureLook> {
  return decodeInTurn(bytes, name, {}, async () => {
    const grey = upright(bytes, name, {}).greyscale()
    const small = await grey.clone().resize(9, 8, { fit: 'fill' }).raw().toBuffer()
    let hash = 0n
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 8; x++) hash = (hash << 1n) | (at(small, y * 9 + x) < at(small, y * 9 + x + 1) ? 1n : 0n)
    const { data, info } = await grey.resize(256, 256, { fit: 'inside' }).raw().toBuffer({ resolveWithObject: true })
    return { hash: hash.toString(16).padStart(16, '0'), sharpness: laplacianVariance(data, info.width, info.height, info.channels) }
  })
}

function laplacianVariance(data: Uint8Array, width: number, height: number, channels: number): number {
  let [sum, squares, count] = [0, 0, 0]
  const pixel = (x: number, y: number): number => at(data, (y * width + x) * channels)
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const value = pixel(x - 1, y) + pixel(x + 1, y) + pixel(x, y - 1) + pixel(x, y + 1) - 4 * pixel(x, y)
      sum += value
      squares += value * value
      count++
    }
  return count > 0 ? squares / count - (sum / count) ** 2 : 0
}

const at = (data: Uint8Array, index: number): number => data[index] ?? 0
