// What the person called the folder, without the repeats in front: `10_moss` is “moss”.
import { z } from 'zod'
import type { Captioner } from '../captioner.ts'
import { wordsOfName } from '../words-of-name.ts'

export const folderName: Captioner = {
  name: 'folder',
  title: 'Folder name',
  files: [],
  options: z.object({}),
  open: () =>
    Promise.resolve({
      say: ({ folder }) => Promise.resolve(wordsOfName(folder)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
}
