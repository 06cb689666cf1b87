// Written by build/write-indexes.ts; do not edit. The formats of pictures that are read, and what their files end in.
export const pictureTitles = ['PNG', 'JPEG', 'WebP', 'AVIF', 'GIF', 'TIFF', 'BMP'] as const
export const pictureEndings = [
  'png',
  'apng',
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'jif',
  'pjpg',
  'pjpeg',
  'webp',
  'avif',
  'gif',
  'tif',
  'tiff',
  'bmp',
  'dib',
  'heic',
  'heif',
] as const
/** Of those that may say how they were made. */
export const recalledEndings = ['png', 'apng', 'jpg', 'jpeg', 'jpe', 'jfif', 'jif', 'pjpg', 'pjpeg', 'webp', 'avif'] as const
