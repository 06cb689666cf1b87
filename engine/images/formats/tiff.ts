import type { PictureFormat } from './format.ts'

export const tiff: PictureFormat = {
  name: 'tiff',
  title: 'TIFF',
  place: 6,
  endings: ['tif', 'tiff'],
  // The second number is 42, or 43 where offsets have eight bytes. Canon's raw files begin alike.
  recognise: ({ text }) => /^(II[*+]\0|MM\0[*+])/.test(text(0, 4)) && text(8, 10) !== 'CR',
  decoder: { loader: 'VipsForeignLoadTiffBuffer' },
  // No browser does.
  shown: false,
  recalled: false,
  encode: (picture) => picture.tiff({ compression: 'lzw' }).toBuffer(),
}
