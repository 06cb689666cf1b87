import { bitmapSize, decodeBitmap, encodeBitmap, isBitmap } from './bitmap.ts'
import type { PictureFormat } from './format.ts'

export const bmp: PictureFormat = {
  name: 'bmp',
  title: 'BMP',
  place: 7,
  endings: ['bmp', 'dib'],
  recognise: ({ bytes }) => isBitmap(bytes),
  // sharp's build has none.
  decoder: { size: bitmapSize, decode: decodeBitmap },
  // They are rare, and hostile ones are not passed on.
  shown: false,
  recalled: false,
  async encode(picture) {
    const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return encodeBitmap({ width: info.width, height: info.height, data })
  },
}
