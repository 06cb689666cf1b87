// Written by build/write-indexes.ts; do not edit. One format of pictures a file.
import type { PictureFormat } from './format.ts'
import { avif } from './avif.ts'
import { bmp } from './bmp.ts'
import { gif } from './gif.ts'
import { jpeg } from './jpeg.ts'
import { png } from './png.ts'
import { tiff } from './tiff.ts'
import { webp } from './webp.ts'

export const pictureFormats: readonly PictureFormat[] = [avif, bmp, gif, jpeg, png, tiff, webp]
