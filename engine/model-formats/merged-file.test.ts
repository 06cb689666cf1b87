import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActiveTerm } from '../adapters/stack.ts'
import { openSafetensors, readTensor, writeSafetensors } from '../files/safetensors.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { mergedFile } from './merged-file.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-merged-file-'))))
afterAll(() => rm(folder, { recursive: true }))

const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(1, name, 0).normal(elementCount(shape)) })
const bytes = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer)

test('a weight of many megabytes passes in pieces of four at most, and its parts are each changed in their place', async () => {
  const path = join(folder, 'fused.safetensors')
  // q, k and v in one, as open_clip has them; of these only k is changed.
  const fused = random('fused', [3 * 1200, 1000])
  await writeSafetensors(path, [{ name: 'in_proj_weight', dtype: 'F32', shape: fused.shape, data: bytes(fused) }])
  const [up, down] = [random('up', [1200, 2]), random('down', [2, 1000])]
  const { entries } = await openSafetensors(path)
  const { offset = 0, length = 0 } = entries.get('in_proj_weight') ?? {}
  const source = { file: path, dtype: 'float32', shape: [1200, 1000], offset: offset + length / 3, length: length / 3 } as const
  const term: ActiveTerm = { term: { kind: 'low-rank', up, down, alpha: 1 }, weight: 0.5 }
  const merged = await mergedFile(path, [{ source, isBias: false, terms: () => Promise.resolve([term]) }], undefined)

  const sizes: number[] = []
  const watched = merged.tensors.map((tensor) => ({
    ...tensor,
    async *pieces() {
      for await (const piece of tensor.pieces()) {
        sizes.push(piece.byteLength)
        yield piece
      }
    },
  }))
  await writeSafetensors(join(folder, 'out.safetensors'), watched)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 2 ** 20)
  expect(sizes.length).toBeGreaterThan(4)

  const { data } = await readTensor(await openSafetensors(join(folder, 'out.safetensors')), 'in_proj_weight')
  const third = 1200 * 1000
  for (const part of [0, 2]) {
    const [was, is] = [fused.data, data].map((all) => bytes({ shape: [], data: all.slice(part * third, (part + 1) * third) }))
    expect(Buffer.compare(was as Uint8Array, is as Uint8Array)).toBe(0)
  }
  for (const [row, column] of [
    [0, 0],
    [611, 421],
    [1199, 999],
  ] as const) {
    const i = third + row * 1000 + column
    const delta = [0, 1].reduce((sum, r) => sum + (up.data[row * 2 + r] ?? 0) * (down.data[r * 1000 + column] ?? 0), 0)
    expect(data[i]).toBeCloseTo((fused.data[i] ?? 0) + 0.25 * delta, 5)
  }
})
