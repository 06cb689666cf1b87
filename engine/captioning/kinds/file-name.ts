// What the person called the file: `red_fox.png` is “red fox”.
import { z } from 'zod'
import { pictureStem } from '../../images/picture-formats.ts'
import type { Captioner } from '../captioner.ts'
import { wordsOfName } from '../words-of-name.ts'

export const fileName: Captioner = {
  name: 'filename',
  title: 'File name',
  files: [],
  options: z.object({}),
  open: () =>
    Promise.resolve({
      say: ({ name }) => Promise.resolve(wordsOfName(pictureStem(name))),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
}
