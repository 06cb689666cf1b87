// Formats that others write and nobody here reads: told by name, by their first bytes or by what their files end in.

export interface ForeignFormat {
  readonly title?: string
  readonly recognise?: RegExp
  readonly endings: readonly string[]
  /** Its files count among the pictures of a folder, where each is told by itself what is wrong with it. */
  readonly counts?: boolean
  /** A photo, for which a folder may have been meant as one of pictures. */
  readonly photo?: boolean
}

/** In the order in which they are tried, once no format that is read was recognised. */
export const foreignFormats: readonly ForeignFormat[] = [
  { title: 'HEIC', recognise: /^.{4}ftyp(hei|hev|mif1|msf1)/s, endings: ['heic', 'heif'], counts: true, photo: true },
  { title: 'MP4', recognise: /^.{4}ftyp/s, endings: ['mp4', 'm4v', 'mov'] },
  { title: 'JPEG XL', recognise: /^(\xff\x0a|\0\0\0\x0cJXL )/, endings: ['jxl'], photo: true },
  { title: 'JPEG 2000', recognise: /^\0\0\0\x0cjP {2}/, endings: ['jp2', 'j2k', 'jpx'] },
  { title: 'Photoshop', recognise: /^8BPS/, endings: ['psd', 'psb'] },
  { title: 'ICO', recognise: /^\0\0[\x01\x02]\0/, endings: ['ico', 'cur'] },
  { title: 'RAW', recognise: /^(II[*]|MM\0[*])/, endings: ['dng', 'cr2', 'cr3', 'nef', 'arw', 'orf', 'rw2', 'raf'] },
  { title: 'SVG', recognise: /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/i, endings: ['svg', 'svgz'] },
  {
    endings: ['hif', 'xcf', 'kra', 'ora', 'clip', 'procreate', 'tga', 'pcx', 'pbm', 'pgm', 'ppm', 'exr', 'hdr', 'dds', 'eps', 'ai', 'pdf'],
  },
  { endings: ['webm', 'mkv', 'avi', 'mpg', 'mpeg'] },
]
