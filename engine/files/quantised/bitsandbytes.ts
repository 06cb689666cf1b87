// bitsandbytes' 4 bits (NF4, FP4): codes two in a byte, the first in the upper half, a scale for each block, and both tables in the file. The scales may be
// codes of 8 bits themselves, around their mean. And its 8 bits by rows, whose scale is the largest of a row. Reference: bitsandbytes
// functional.py (QuantState, dequantize_4bit) and nn/modules.py (Int8Params).
import { elementCount } from '../../tensor/tensor.ts'
import type { Packed, Quantisation, Stored } from './quantisation.ts'

interface State {
  readonly shape: readonly number[]
  readonly blocksize: number
  readonly nested_blocksize?: number
  readonly nested_offset?: number
}

const isSize = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0

function stateOf(text: string): State | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { shape, blocksize, nested_blocksize, nested_offset } = value as Partial<Record<keyof State, unknown>>
  if (!Array.isArray(shape) || !shape.every(isSize) || !isSize(blocksize)) return undefined
  return {
    shape,
    blocksize,
    ...(isSize(nested_blocksize) && typeof nested_offset === 'number' ? { nested_blocksize, nested_offset } : {}),
  }
}

/** One scale a block. */
async function scales(name: string, count: number, state: State, file: Stored): Promise<Float32Array> {
  if (!file.entries.has(`${name}.nested_absmax`)) return file.values(`${name}.absmax`)
  const [codes, table, blocks] = [
    await file.bytes(`${name}.absmax`),
    await file.values(`${name}.nested_quant_map`),
    await file.values(`${name}.nested_absmax`),
  ]
  const { nested_blocksize: size = 256, nested_offset: offset = 0 } = state
  return Float32Array.from(
    { length: count },
    (_, i) => Math.fround((table[codes[i] ?? 0] ?? 0) * (blocks[Math.floor(i / size)] ?? 0)) + offset,
  )
}

async function fourBits(name: string, stateKey: string, file: Stored): Promise<Packed | { readonly no: string }> {
  const state = stateOf(new TextDecoder().decode(await file.bytes(stateKey)))
  if (!state) return { no: `"${stateKey}" does not say its shape and block size.` }
  const count = elementCount(state.shape)
  const blocks = Math.ceil(count / state.blocksize)
  const nested = state.nested_blocksize !== undefined || file.entries.get(`${name}.absmax`)?.dtype === 'U8'
  const beside = [
    stateKey,
    ...['absmax', 'quant_map', ...(nested ? ['nested_absmax', 'nested_quant_map'] : [])].map((part) => `${name}.${part}`),
  ]
  const sizes: readonly (readonly [key: string, expected: number])[] = [
    [name, Math.ceil(count / 2)],
    [`${name}.absmax`, blocks],
    [`${name}.quant_map`, 16],
    ...(nested
      ? [
          [`${name}.nested_absmax`, Math.ceil(blocks / (state.nested_blocksize ?? 256))] as const,
          [`${name}.nested_quant_map`, 256] as const,
        ]
      : []),
  ]
  for (const [key, expected] of sizes) {
    const shape = file.entries.get(key)?.shape
    if (!shape) return { no: `"${key}", without which its numbers mean nothing, is not in the file.` }
    if (elementCount(shape) !== expected)
      return { no: `"${key}" holds ${elementCount(shape)} numbers, and a weight of [${state.shape.join(', ')}] takes ${expected}.` }
  }
  return {
    how: `bitsandbytes ${stateKey.endsWith('nf4') ? 'NF4' : 'FP4'}${nested ? ', scales in 8 bits' : ''}`,
    shape: state.shape,
    beside,
    async read() {
      const [codes, table, absmax] = [
        await file.bytes(name),
        await file.values(`${name}.quant_map`),
        await scales(name, blocks, state, file),
      ]
      const data = new Float32Array(count)
      for (let i = 0; i < count; i++) {
        const byte = codes[i >> 1] ?? 0
        data[i] = (table[i % 2 === 0 ? byte >> 4 : byte & 15] ?? 0) * (absmax[Math.floor(i / state.blocksize)] ?? 0)
      }
      return { shape: state.shape, data }
    },
  }
}

export const bitsandbytes: Quantisation = {
  name: 'bitsandbytes',
  async unpacked({ name, dtype, shape }, file) {
    const key = ['nf4', 'fp4'].map((kind) => `${name}.quant_state.bitsandbytes__${kind}`).find((one) => file.entries.has(one))
    if (key !== undefined) return fourBits(name, key, file)
    if (dtype === 'U8' && file.entries.has(`${name}.absmax`))
      return { no: `its codes have scales ("${name}.absmax") but no quant_state that says their shape.` }
    const scb = name.replace(/\.weight$/, '.SCB')
    const rows = file.entries.get(scb)?.shape
    if (dtype !== 'I8' || scb === name || !rows) return undefined
    if (elementCount(rows) !== shape[0]) return { no: `"${scb}" holds ${elementCount(rows)} scales for ${shape[0]} rows.` }
    const format = name.replace(/\.weight$/, '.weight_format')
    if (file.entries.has(format) && (await file.values(format))[0] !== 0)
      return { no: `"${format}" says that its rows stand in an order of a graphics card.` }
    const width = elementCount(shape.slice(1))
    return {
      how: 'bitsandbytes 8 bits by row',
      shape,
      beside: [scb, ...(file.entries.has(format) ? [format] : [])],
      async read() {
        const [values, largest] = [await file.values(name), await file.values(scb)]
        return { shape, data: values.map((value, i) => (value * (largest[Math.floor(i / width)] ?? 0)) / 127) }
      },
    }
  },
}
