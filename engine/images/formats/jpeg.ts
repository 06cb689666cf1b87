import type { PictureFormat } from './format.ts'

export const jpeg: PictureFormat = {
  name: 'jpeg',
  title: 'JPEG',
  place: 2,
  endings: ['jpg', 'jpeg', 'jpe', 'jfif', 'jif', 'pjpg', 'pjpeg'],
  recognise: ({ text }) => text(0, 3) === '\xff\xd8\xff',
  decoder: { loader: 'VipsForeignLoadJpegBuffer' },
  shown: true,
  recalled: true,
  // Coefficients of 16 bits. A progressive JPEG of 100 million pixels fits.
  heldWhole: { mostBytes: 600e6, each: () => 2, called: 'a progressive JPEG', instead: 'as a baseline JPEG' },
  // High enough that encoding once more does not show.
  encode: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
}
