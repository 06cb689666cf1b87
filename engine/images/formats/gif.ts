import type { PictureFormat } from './format.ts'

export const gif: PictureFormat = {
  name: 'gif',
  title: 'GIF',
  place: 5,
  endings: ['gif'],
  recognise: ({ text }) => /^GIF8[79]a/.test(text(0, 6)),
  decoder: { loader: 'VipsForeignLoadNsgifBuffer' },
  // They are rare, and hostile ones are not passed on.
  shown: false,
  recalled: false,
  // The first frame, which is what training sees.
  encode: (picture) => picture.gif().toBuffer(),
}
