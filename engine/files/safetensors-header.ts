// The header of a safetensors file and every rule it must obey. Bytes come from strangers: nothing is believed before it is checked.
import { PigmentError } from '../requests/error.ts'
import { HeaderJsonError, metadataKey, parseHeaderJson, type HeaderValue } from './header-json.ts'
import { bitsOf } from './safetensors-dtype.ts'

/** Where one tensor lies. `dtype` is the file's own word (`F16`), `offset` counts from the start of the file. */
export interface SafetensorsEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>
  readonly metadata: ReadonlyMap<string, string>
}

/**
 * Limits on a header. The reference reader takes 100 MB, but a checkpoint of SDXL has 2 515 tensors of at most 4 dimensions in 330 KB,
 * and the tags of a large data set in an adapter's metadata come to a few megabytes.
 */
export const limits = { headerBytes: 16_000_000, tensors: 100_000, dimensions: 8 } as const

const again = 'The file is damaged or was not written by safetensors: download or export it again.'

/** Header length from the first 8 bytes. Throws `safetensors-truncated` or `safetensors-header`. */
export function readHeaderLength(path: string, first: Uint8Array, size: number): number {
  if (first.byteLength < 8)
    throw new PigmentError('safetensors-truncated', `"${path}" has ${size} bytes; a safetensors file has at least 8. ${again}`, {
      path,
      size,
    })
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(limits.headerBytes))
    throw new PigmentError(
      'safetensors-header',
      length > BigInt(size)
        ? `"${path}" is not a safetensors file: it does not begin with the length of a header. ${again}`
        : `"${path}": its header has ${length} bytes, and ${limits.headerBytes} are allowed. ${again}`,
      { path, limit: limits.headerBytes, got: String(length) },
    )
  const needed = 8 + Number(length)
  if (needed > size)
    throw new PigmentError(
      'safetensors-truncated',
      `"${path}" ends inside its header: expected at least ${needed} bytes, got ${size}. ${again}`,
      {
        path,
        expected: needed,
        got: size,
      },
    )
  return Number(length)
}

/** Checks a header against the size of its file. Throws a PigmentError whose code starts with `safetensors-`. */
export function parseHeader(path: string, header: Uint8Array, size: number): SafetensorsHeader {
  const fail = (code: string, what: string, facts: Record<string, unknown> = {}): never => {
    throw new PigmentError(`safetensors-${code}`, `"${path}": ${what} ${again}`, { path, ...facts })
  }
  const root = parseJson(header, fail)
  const start = 8 + header.byteLength
  const entries = new Map<string, SafetensorsEntry>()
  let metadata: ReadonlyMap<string, string> = new Map()
  for (const [name, value] of root) {
    if (name === metadataKey) metadata = metadataOf(value, fail)
    else entries.set(name, entryOf(name, value, start, fail))
  }
  checkLayout([...entries.values()], start, size, fail)
  return { entries, metadata }
}

type Fail = (code: string, what: string, facts?: Record<string, unknown>) => never

function parseJson(header: Uint8Array, fail: Fail): ReadonlyMap<string, HeaderValue> {
  if (header[0] !== 0x7b) return fail('header', `the header does not begin with "{".`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header)
  } catch {
    return fail('header', 'the header is not UTF-8 text.')
  }
  try {
    return parseHeaderJson(text, limits.tensors) as ReadonlyMap<string, HeaderValue>
  } catch (error) {
    if (!(error instanceof HeaderJsonError)) throw error
    if (error.duplicate !== undefined)
      return fail('duplicate-key', `${error.message} in the header, so it is unclear which tensor is meant.`, { key: error.duplicate })
    return fail('header', `the header is not the JSON of a safetensors file: ${error.message} (character ${error.at}).`, { at: error.at })
  }
}

function metadataOf(value: HeaderValue, fail: Fail): ReadonlyMap<string, string> {
  if (!(value instanceof Map)) return fail('metadata', 'the metadata is not an object.')
  for (const [key, text] of value)
    if (typeof text !== 'string') fail('metadata', `the metadata "${key}" is not a string; only strings are allowed.`, { key })
  return value as ReadonlyMap<string, string>
}

function entryOf(name: string, value: HeaderValue, start: number, fail: Fail): SafetensorsEntry {
  if (!(value instanceof Map)) return fail('header', `tensor "${name}" is not described by an object.`, { name })
  const fields = value as ReadonlyMap<string, HeaderValue>
  const dtype = fields.get('dtype')
  const shape = wholeNumbers(fields.get('shape'))
  const offsets = wholeNumbers(fields.get('data_offsets'))
  if (typeof dtype !== 'string') return fail('header', `tensor "${name}" has no "dtype".`, { name })
  if (shape === undefined) return fail('header', `tensor "${name}" has no "shape" of whole numbers.`, { name })
  const [begin, end] = offsets ?? []
  if (begin === undefined || end === undefined || offsets?.length !== 2)
    return fail('header', `tensor "${name}" has no pair of "data_offsets".`, { name })
  if (end < begin) return fail('offsets', `tensor "${name}" ends at ${end}, before it begins at ${begin}.`, { name, begin, end })
  if (shape.length > limits.dimensions)
    return fail('shape', `tensor "${name}" has ${shape.length} dimensions; at most ${limits.dimensions} are allowed.`, {
      name,
      got: shape.length,
    })
  const expected = byteLength(name, dtype, shape, fail)
  if (end - begin !== expected)
    return fail('size', `tensor "${name}" (${dtype} [${shape.join(', ')}]) needs ${expected} bytes, got ${end - begin}.`, {
      name,
      expected,
      got: end - begin,
    })
  return { name, dtype, shape, offset: start + begin, length: expected }
}

function wholeNumbers(value: HeaderValue | undefined): readonly number[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined
}

function byteLength(name: string, dtype: string, shape: readonly number[], fail: Fail): number {
  const bits = bitsOf(dtype)
  if (bits === undefined)
    return fail('dtype', `tensor "${name}" has the element type "${dtype.slice(0, 40)}", which safetensors does not define.`, {
      name,
      dtype,
    })
  let total = bits
  // Checked at every step: a later 0 must not hide a product that would have wrapped.
  for (const n of shape) {
    total *= n
    if (!Number.isSafeInteger(total))
      return fail('overflow', `tensor "${name}" of shape [${shape.join(', ')}] is too large to count.`, { name, shape })
  }
  if (total % 8 !== 0)
    return fail('size', `tensor "${name}" (${dtype} [${shape.join(', ')}]) does not fill whole bytes.`, { name, dtype, shape })
  return total / 8
}

/** Tensors must follow each other without holes or overlaps, from the end of the header to the end of the file. */
function checkLayout(entries: readonly SafetensorsEntry[], start: number, size: number, fail: Fail): void {
  let end = start
  let previous = 'the header'
  for (const { name, offset, length } of entries.toSorted((a, b) => a.offset - b.offset || a.length - b.length)) {
    if (offset > end)
      fail(
        'hole',
        `${offset - end} unused bytes lie between ${previous} and tensor "${name}" (expected it at byte ${end}, got ${offset}).`,
        {
          name,
          expected: end,
          got: offset,
        },
      )
    if (offset < end)
      fail('overlap', `tensor "${name}" overlaps ${previous} (expected it at byte ${end}, got ${offset}).`, {
        name,
        expected: end,
        got: offset,
      })
    end = offset + length
    previous = `tensor "${name}"`
  }
  if (!Number.isSafeInteger(end)) fail('overflow', 'the tensors are too large to count.')
  if (end > size) fail('truncated', `the file is cut off: expected ${end} bytes, got ${size}.`, { expected: end, got: size })
  if (end < size)
    fail('trailing', `${size - end} unknown bytes follow the last tensor (expected ${end} bytes, got ${size}).`, {
      expected: end,
      got: size,
    })
}
