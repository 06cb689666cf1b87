import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TensorSource } from '../checkpoint/config.ts'
import { readWeight, weightPieces } from './read-weight.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pigment-pieces-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const numbers = Float16Array.from({ length: 7 * 30 }, (_, i) => i - 100)

function source(more: Partial<TensorSource> = {}): TensorSource {
  const file = join(folder, 'weights.bin')
  writeFileSync(file, Buffer.concat([Buffer.from('before'), Buffer.from(numbers.buffer), Buffer.from('after')]))
  return { file, dtype: 'float16', shape: [7, 30], offset: 6, length: 2 * numbers.length, ...more }
}

async function pieces(from: TensorSource, size: number): Promise<Float32Array[]> {
  const found: Float32Array[] = []
  for await (const piece of weightPieces(from, size)) found.push(piece)
  return found
}

test('no more than a piece at a time, and all of it in order', async () => {
  const found = await pieces(source(), 64)
  expect(found.map(({ length }) => length)).toEqual([64, 64, 64, 18])
  expect(Float32Array.from(found.flatMap((piece) => [...piece]))).toEqual((await readWeight(source())).data)
})

test('what the file has the other way comes whole, and turned', async () => {
  const turned = source({ transposed: true })
  expect(await pieces(turned, 64)).toEqual([(await readWeight(turned)).data])
})

test('a file that became shorter is told', async () => {
  await expect(pieces(source({ offset: 300 }), 64)).rejects.toMatchObject({ code: 'file-changed' })
})
