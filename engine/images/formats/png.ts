import type { PictureFormat } from './format.ts'
import { readPngText, tooLarge } from './png-text.ts'

export const png: PictureFormat = {
  name: 'png',
  title: 'PNG',
  place: 1,
  endings: ['png', 'apng'],
  recognise: ({ text }) => text(0, 8) === '\x89PNG\r\n\x1a\n',
  decoder: { loader: 'VipsForeignLoadPngBuffer' },
  shown: true,
  recalled: true,
  texts(bytes, name) {
    const texts = readPngText(bytes, name, { omit: true })
    if (texts.length > 0 && texts.every(({ omitted }) => omitted !== undefined))
      throw tooLarge(name, `a text of ${texts[0]?.omitted} bytes`)
    return texts
  },
  heldWhole: {
    mostBytes: 400e6,
    each: (depth) => (depth === 'ushort' ? 2 : 1),
    called: 'an interlaced PNG',
    instead: 'without interlacing',
  },
  encode: (picture) => picture.png().toBuffer(),
}
