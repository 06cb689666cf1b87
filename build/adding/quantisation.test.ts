// A way of packing a file's numbers is one file: put beside the others, adapters that are packed so are read, with how they were packed in the report
// and what stands beside their tensors not left over; what it cannot unpack is refused. Nothing else may know ways of packing by name.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type * as Reading from '../../engine/adapter-formats/read.ts'
import { openSafetensors, readTensor, writeSafetensors, type TensorToWrite } from '../../engine/files/safetensors.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomAdapter } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

/** Every number is stored as what it is less than a ceiling, which stands beside its tensor. */
const program = await programWith({
  'engine/files/quantised/ceiling.ts': `import type { Quantisation } from './quantisation.ts'
export const ceiling: Quantisation = {
  name: 'ceiling',
  marks: ['under_ceilings'],
  unpacked({ name, shape }, file) {
    const beside = name + '.ceiling'
    if (!file.entries.has(beside)) return Promise.resolve(undefined)
    if (file.entries.get(beside)?.shape.length !== 0) return Promise.resolve({ no: 'its ceiling is no single number.' })
    return Promise.resolve({
      how: 'below a ceiling',
      shape,
      beside: [beside],
      async read() {
        const [values, [top = 0]] = [await file.values(name), await file.values(beside)]
        return { shape, data: values.map((value) => top - value) }
      },
    })
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const at = (name: string): string => join(program.root, name)
const { readAdapter, writeAdapter, moduleShapes } = await program.load<typeof Reading>('engine/adapter-formats/read.ts')
const modules = moduleShapes(await openCheckpoint(embeddedPath))
const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** A plain adapter, and the same under ceilings of a shape. */
async function written(name: string, ceiling: readonly number[]): Promise<readonly [plain: string, packed: string]> {
  const [plain, packed] = [at(`${name}-plain.safetensors`), at(`${name}.safetensors`)]
  await writeAdapter(await randomAdapter(embeddedPath, name, 3), 'kohya', plain, { modules, precision: 'fp32' })
  const file = await openSafetensors(plain)
  const tensors: TensorToWrite[] = [{ name: 'under_ceilings', dtype: 'F32', shape: [1], data: bytesOf(new Float32Array(1)) }]
  for (const key of file.entries.keys()) {
    const { shape, data } = await readTensor(file, key)
    const isPacked = key.endsWith('.weight')
    tensors.push({ name: key, dtype: 'F32', shape, data: bytesOf(isPacked ? data.map((value) => 2 - value) : data) })
    if (isPacked) tensors.push({ name: `${key}.ceiling`, dtype: 'F32', shape: ceiling, data: bytesOf(new Float32Array([2])) })
  }
  await writeSafetensors(packed, tensors)
  return [plain, packed]
}

test('an adapter that is packed so does what the plain one does, and its report says how', async () => {
  const [plain, packed] = await written('low', [])
  expect(await readFile(packed)).not.toEqual(await readFile(plain))
  const [one, other] = [await readAdapter(plain, modules), await readAdapter(packed, modules)]
  expect(other.skipped).toEqual([])
  expect(other.reading?.types).toMatchObject({ 'below a ceiling': 2 * one.modules.length })
  const valuesOf = ({ modules }: typeof one): number[] =>
    modules.flatMap(({ tensors }) => Object.values(tensors).flatMap(({ data }) => [...data]))
  const [expected, found] = [valuesOf(one), valuesOf(other)]
  expect(found).toHaveLength(expected.length)
  // Half a unit in the last place of 2.
  expect(Math.max(...found.map((value, i) => Math.abs(value - (expected[i] ?? NaN))).slice(0, 50_000))).toBeLessThan(2.5e-7)
})

test('what it cannot unpack is refused with its sentence', async () => {
  const [, packed] = await written('odd', [1])
  await expect(readAdapter(packed, modules)).rejects.toMatchObject({
    code: 'safetensors-dtype',
    message: expect.stringContaining('its ceiling is no single number') as string,
  })
})
