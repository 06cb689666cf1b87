// Windows bitmaps, which sharp's build cannot read: every depth, palette, mask and run-length form of the Windows and OS/2 headers.
// Reference: Microsoft, "Bitmap Storage" (BITMAPFILEHEADER, BITMAPCOREHEADER … BITMAPV5HEADER); what is ambiguous there is as Pillow reads it.

interface Size {
  readonly width: number
  readonly height: number
}

/** Rows from the top; `channels` are red, green, blue and, where the file has a mask for it, alpha. */
export interface Bitmap extends Size {
  readonly channels: 3 | 4
  readonly data: Uint8Array
}

interface Header extends Size {
  readonly topDown: boolean
  readonly bits: number
  readonly form: 'plain' | 'rle8' | 'rle4'
  readonly masks: readonly number[]
  /** Blue, green, red (and a byte without a meaning) for each index. */
  readonly palette: Uint8Array
  readonly paletteStride: 3 | 4
  readonly pixels: Uint8Array
}

/** Whether the bytes begin a bitmap: "BM" alone also begins many a text. */
export function isBitmap(bytes: Uint8Array): boolean {
  if (bytes.length < 26 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) return false
  return headerSizes.includes(new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true))
}

const headerSizes: readonly number[] = [12, 16, 40, 52, 56, 64, 108, 124]
/** Of five and of eight bits: the masks of pixels whose header names none. */
const usualMasks: Readonly<Record<number, readonly number[]>> = { 16: [0x7c00, 0x3e0, 0x1f, 0], 32: [0xff0000, 0xff00, 0xff, 0] }

/** Decodes the pixels. Throws an Error that says what is wrong; nothing is allocated for a size beyond `maxPixels`. */
export function decodeBitmap(bytes: Uint8Array, maxPixels: number): Bitmap {
  const header = readHeader(bytes, maxPixels)
  if (header.form !== 'plain') return paint(header, unpackRuns(header))
  if (header.bits <= 8) return paint(header, unpackIndices(header))
  return header.bits === 24 ? unpackBytes(header) : unpackMasked(header)
}

/** The same of its header alone. */
export function bitmapSize(bytes: Uint8Array, maxPixels: number): Size {
  const { width, height } = readHeader(bytes, maxPixels)
  return { width, height }
}

function readHeader(bytes: Uint8Array, maxPixels: number): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = view.getUint32(14, true)
  const core = size === 12
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true)
  const signed = core ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signed)
  if (width < 1 || height < 1) throw new Error(`it claims ${width} × ${signed} pixels`)
  if (width * height > maxPixels) throw new Error('the size exceeds the pixel limit')
  const bits = view.getUint16(core ? 24 : 28, true)
  const compression = core || size < 20 ? 0 : view.getUint32(30, true)
  const form = ({ 0: 'plain', 1: 'rle8', 2: 'rle4', 3: 'plain', 6: 'plain' } as const)[compression]
  const fits = form === 'plain' ? [1, 2, 4, 8, 16, 24, 32].includes(bits) : form === 'rle8' ? bits === 8 : bits === 4
  if (!form || !fits) throw new Error(`compression ${compression} with ${bits} bits is not one of bitmaps`)
  const named = (compression === 3 || compression === 6) && (bits === 16 || bits === 32)
  const at = (i: number): number => (14 + 40 + 4 * i + 4 <= bytes.length ? view.getUint32(54 + 4 * i, true) : 0)
  const withAlpha = compression === 6 || size >= 56
  const masks = named ? [at(0), at(1), at(2), withAlpha ? at(3) : 0] : (usualMasks[bits] ?? [])
  // With a header of 40 bytes the masks lie behind it.
  const behind = 14 + size + (named && size === 40 ? (compression === 6 ? 16 : 12) : 0)
  const used = core || size < 36 ? 0 : view.getUint32(46, true)
  const paletteStride = core ? 3 : 4
  const colours = bits > 8 ? 0 : Math.min(used || 2 ** bits, 256)
  const start = view.getUint32(10, true)
  const paletteEnd = Math.min(behind + colours * paletteStride, start > behind ? start : Infinity)
  return {
    width,
    height,
    topDown: signed < 0,
    bits,
    form,
    masks,
    palette: bytes.subarray(behind, paletteEnd),
    paletteStride,
    pixels: bytes.subarray(start),
  }
}

/** Bytes of a row: rows are filled up to four. */
const strideOf = ({ width, bits }: Header): number => Math.ceil((width * bits) / 32) * 4

/** The first byte of each row from the top. Throws where the last one is not whole. */
function* rowsOf(header: Header): Generator<[y: number, at: number]> {
  const stride = strideOf(header)
  const { height, topDown, pixels, width, bits } = header
  // The fill of the last row is often left out.
  if (stride * (height - 1) + Math.ceil((width * bits) / 8) > pixels.length) throw new Error('it ends before its last row')
  for (let row = 0; row < height; row++) yield [topDown ? row : height - 1 - row, row * stride]
}

function unpackIndices(header: Header): Uint8Array {
  const { width, height, bits, pixels } = header
  const indices = new Uint8Array(width * height)
  const [perByte, mask] = [8 / bits, 2 ** bits - 1]
  for (const [y, at] of rowsOf(header))
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits - (x % perByte) * bits
      indices[y * width + x] = ((pixels[at + ((x * bits) >> 3)] ?? 0) >> shift) & mask
    }
  return indices
}

/** Runs of one index, and stretches of many: what they leap over stays index 0. Ends with the picture or with the bytes. */
function unpackRuns({ width, height, topDown, form, pixels }: Header): Uint8Array {
  const indices = new Uint8Array(width * height)
  let [x, row, at] = [0, 0, 0]
  const put = (index: number): void => {
    if (x < width && row < height) indices[(topDown ? row : height - 1 - row) * width + x] = index
    x++
  }
  const nibble = (byte: number, i: number): number => (form === 'rle8' ? byte : i % 2 === 0 ? byte >> 4 : byte & 15)
  while (row < height && at + 1 < pixels.length) {
    const [count = 0, value = 0] = [pixels[at], pixels[at + 1]]
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(nibble(value, i))
    else if (value === 0) [x, row] = [0, row + 1]
    else if (value === 1) return indices
    else if (value === 2) {
      x += pixels[at] ?? 0
      row += pixels[at + 1] ?? 0
      at += 2
    } else {
      const perByte = form === 'rle8' ? 1 : 2
      for (let i = 0; i < value; i++) put(nibble(pixels[at + Math.floor(i / perByte)] ?? 0, i))
      at += Math.ceil(value / perByte / 2) * 2
    }
  }
  if (row < height - 1) throw new Error('it ends before its last row')
  return indices
}

function paint({ width, height, palette, paletteStride }: Header, indices: Uint8Array): Bitmap {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < indices.length; i++) {
    const colour = (indices[i] ?? 0) * paletteStride
    for (let c = 0; c < 3; c++) data[i * 3 + c] = palette[colour + 2 - c] ?? 0
  }
  return { width, height, channels: 3, data }
}

function unpackBytes(header: Header): Bitmap {
  const { width, height, pixels } = header
  const data = new Uint8Array(width * height * 3)
  for (const [y, at] of rowsOf(header))
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = pixels[at + x * 3 + 2 - c] ?? 0
  return { width, height, channels: 3, data }
}

function unpackMasked(header: Header): Bitmap {
  const { width, height, bits, pixels, masks } = header
  const channels = masks[3] ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  const fields = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
    return { mask, shift, most: Math.max(1, mask >>> shift) }
  })
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength)
  for (const [y, at] of rowsOf(header))
    for (let x = 0; x < width; x++) {
      const value = bits === 16 ? view.getUint16(at + x * 2, true) : view.getUint32(at + x * 4, true)
      for (const [c, { mask, shift, most }] of fields.entries())
        data[(y * width + x) * channels + c] = Math.round((((value & mask) >>> shift) * 255) / most)
    }
  return { width, height, channels, data }
}

/** RGB8 as a bitmap of 24 bits. */
export function encodeBitmap({ width, height, data }: Size & { readonly data: Uint8Array }): Uint8Array {
  const stride = Math.ceil((width * 3) / 4) * 4
  const out = new Uint8Array(54 + stride * height)
  const view = new DataView(out.buffer)
  out.set([0x42, 0x4d])
  for (const [at, value] of [
    [2, out.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
    [34, stride * height],
  ] as const)
    // prettier-ignore
    view.setUint32(at, value, true)
  view.setUint16(26, 1, true)
  view.setUint16(28, 24, true)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[54 + (height - 1 - y) * stride + x * 3 + 2 - c] = data[(y * width + x) * 3 + c] ?? 0
  return out
}
