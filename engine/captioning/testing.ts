// A picture as a captioner is asked about it.
import { basename } from 'node:path'
import { readPicture } from '../images/picture.ts'
import type { Captioned } from './captioner.ts'

export const captioned = (path: string, more: Partial<Captioned> = {}): Captioned => ({
  name: basename(path),
  folder: 'set',
  caption: '',
  stamp: path,
  picture: () => readPicture(path),
  ...more,
})
