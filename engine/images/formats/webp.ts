import type { PictureFormat } from './format.ts'

export const webp: PictureFormat = {
  name: 'webp',
  title: 'WebP',
  place: 3,
  endings: ['webp'],
  recognise: ({ text }) => text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP',
  decoder: { loader: 'VipsForeignLoadWebpBuffer' },
  shown: true,
  recalled: true,
  encode: (picture) => picture.webp({ quality: 95 }).toBuffer(),
}
