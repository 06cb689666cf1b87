import type { PictureFormat } from './format.ts'

export const avif: PictureFormat = {
  name: 'avif',
  title: 'AVIF',
  place: 4,
  endings: ['avif'],
  recognise: ({ text }) => text(4, 8) === 'ftyp' && /avi[fs]/.test(text(8, 64)),
  decoder: { loader: 'VipsForeignLoadHeifBuffer' },
  shown: true,
  recalled: true,
  encode: (picture) => picture.avif({ quality: 85, chromaSubsampling: '4:4:4' }).toBuffer(),
}
