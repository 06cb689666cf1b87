// Writes the weights of a recorded case that was committed without them. Every tensor is a formula of its seed (see weights.py),
// the single file holds the folder's tensors under other names, and a checksum per file says that all came out as recorded.
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

type StoredType = 'F32' | 'F16' | 'BF16'

/** value(i) = center + scale · (2 · byte(seed, i) − 255) / 256 */
export interface Formula {
  readonly dtype: StoredType
  readonly shape: readonly number[]
  readonly seed: number
  readonly center: number
  readonly scale: number
}

/** Tensors of the folder, `component:key`: stacked by rows, transposed or reshaped. */
interface Assembly {
  readonly dtype: StoredType
  readonly shape: readonly number[]
  readonly from: readonly string[]
  readonly transpose?: boolean
}

interface WeightFile {
  readonly path: string
  /** Null for the single file, which only borrows. */
  readonly component: string | null
  readonly bytes: number
  readonly sha256: string
  readonly tensors: Readonly<Record<string, Formula | Assembly | string>>
}

interface Stored {
  readonly dtype: StoredType
  readonly shape: readonly number[]
  readonly data: Uint8Array
}

/**
 * Copies a recorded case to `out` (or completes it in place) with all its weight files, ready to be opened as a checkpoint. `instead`: other formulae for
 * tensors of the folder, by `component:key`.
 */
export async function expandCase(directory: string, out = directory, instead: Readonly<Record<string, Formula>> = {}): Promise<void> {
  if (resolve(out) !== resolve(directory)) await cp(directory, out, { recursive: true })
  const { files } = JSON.parse(await readFile(join(directory, 'weights.json'), 'utf8')) as { files: readonly WeightFile[] }
  const known = new Map<string, Stored>()
  for (const file of files) {
    const tensors = new Map(
      Object.entries(file.tensors).map(([key, recipe]) => [key, make(instead[`${file.component}:${key}`] ?? recipe, known)]),
    )
    if (file.component !== null) for (const [key, tensor] of tensors) known.set(`${file.component}:${key}`, tensor)
    const bytes = safetensors(tensors)
    const found = createHash('sha256').update(bytes).digest('hex')
    if (found !== file.sha256 && Object.keys(instead).length === 0) throw new Error(`${file.path}: the expanded weights are not those that were recorded`)
    await mkdir(dirname(join(out, file.path)), { recursive: true })
    await writeFile(join(out, file.path), bytes)
  }
}

function make(recipe: Formula | Assembly | string, known: ReadonlyMap<string, Stored>): Stored {
  const get = (name: string): Stored => {
    const tensor = known.get(name)
    if (!tensor) throw new Error(`weights.json names ${name} before it is made`)
    return tensor
  }
  if (typeof recipe === 'string') return get(recipe)
  if ('seed' in recipe) return { dtype: recipe.dtype, shape: recipe.shape, data: compute(recipe) }
  const data = Buffer.concat(recipe.from.map((name) => get(name).data))
  return { dtype: recipe.dtype, shape: recipe.shape, data: recipe.transpose ? transpose(data, recipe) : data }
}

export function compute({ dtype, shape, seed, center, scale }: Formula): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1)
  const values = Float32Array.from({ length: count }, (_, i) => center + (scale * (2 * byteAt(seed, i) - 255)) / 256)
  if (dtype === 'F32') return new Uint8Array(values.buffer)
  if (dtype === 'F16') return new Uint8Array(Float16Array.from(values).buffer)
  const bits = new Uint32Array(values.buffer)
  // Round to nearest even, by carrying into the half that is kept.
  return new Uint8Array(Uint16Array.from(bits, (b) => (b + 0x7fff + ((b >>> 16) & 1)) >>> 16).buffer)
}

/** The top byte of the integer hash "lowbias32". */
function byteAt(seed: number, i: number): number {
  let x = (seed + Math.imul(i, 0x9e3779b9)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 24
}

/** From (columns, rows) as stored in the folder to the shape asked for, (rows, columns). */
function transpose(data: Uint8Array, { shape, dtype }: Assembly): Uint8Array {
  const [rows = 0, columns = 0] = shape
  const width = dtype === 'F32' ? 4 : 2
  const out = new Uint8Array(data.length)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const from = (c * rows + r) * width
      out.set(data.subarray(from, from + width), (r * columns + c) * width)
    }
  return out
}

function safetensors(tensors: ReadonlyMap<string, Stored>): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const [key, { dtype, shape, data }] of tensors) {
    header[key] = { dtype, shape, data_offsets: [offset, offset + data.length] }
    offset += data.length
  }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, ' ')])
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  return Buffer.concat([length, padded, ...[...tensors.values()].map(({ data }) => data)])
}
