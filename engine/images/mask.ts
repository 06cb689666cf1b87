// A mask: how much each place of a picture counts, from 0 to 1, and what of it falls on each cell of a latent.
import { attemptPicture, decodeInTurn, openPicture, pictureSize } from './picture.ts'
import type { Size } from './model-range.ts'

export interface Mask extends Size {
  /** 0 to 255, row by row. */
  readonly data: Uint8Array
}

/** Where in its file a mask is: in the transparency, or in the first channel (red, or grey). */
export type MaskChannel = 'alpha' | 'first'

/** Of the upright picture, from its header. */
export const maskSize = (bytes: Uint8Array, name: string): Promise<Size> => attemptPicture(name, {}, () => pictureSize(bytes, name, {}))

/** Whether a picture says of its places how opaque they are. */
export const hasAlpha = (bytes: Uint8Array, name: string): Promise<boolean> =>
  attemptPicture(name, {}, async () => (await openPicture(bytes, name, {}).metadata()).hasAlpha)

/** Throws what reading a picture throws. */
export function readMask(bytes: Uint8Array, name: string, channel: MaskChannel): Promise<Mask> {
  return decodeInTurn(bytes, name, {}, async () => {
    const whole = openPicture(bytes, name, {}).autoOrient().toColourspace('srgb')
    const one = channel === 'alpha' ? whole.ensureAlpha().extractChannel('alpha') : whole.removeAlpha().extractChannel(0)
    const { data, info } = await one.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  })
}

/** The mean of the mask over each cell of the bucket that its picture is resized to and cut out by: (height / cell) rows of width / cell. */
export function maskCells(mask: Mask, { bucket, resized }: { readonly bucket: Size; readonly resized: Size }, cell: number): Float32Array {
  const columns = coverage(mask.width, Math.max(resized.width, bucket.width), bucket.width, cell)
  const rows = coverage(mask.height, Math.max(resized.height, bucket.height), bucket.height, cell)
  return Float32Array.from(
    rows.flatMap((row) => {
      // The row's own means of all columns of the mask first.
      const line = new Float64Array(mask.width)
      for (const { at, share } of row)
        for (let x = 0; x < mask.width; x++) line[x] = (line[x] ?? 0) + share * (mask.data[at * mask.width + x] ?? 0)
      return columns.map((column) => column.reduce((sum, { at, share }) => sum + share * (line[at] ?? 0), 0) / 255)
    }),
  )
}

/** Along one side, which places of the mask lie in each cell, and with which share of it. */
function coverage(places: number, resized: number, bucket: number, cell: number) {
  const [offset, scale] = [(resized - bucket) >> 1, places / resized]
  return Array.from({ length: bucket / cell }, (_, i) => {
    const [from, to] = [(offset + i * cell) * scale, (offset + (i + 1) * cell) * scale]
    const first = Math.floor(from)
    return Array.from({ length: Math.min(places, Math.ceil(to)) - first }, (_, k) => {
      const at = first + k
      return { at, share: (Math.min(to, at + 1) - Math.max(from, at)) / (to - from) }
    })
  })
}
