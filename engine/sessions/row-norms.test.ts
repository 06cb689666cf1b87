import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { norms } from '../adapters/magnitude.ts'
import { addTerm } from '../adapters/term.ts'
import type { StackEntry } from '../adapters/stack.ts'
import type { TensorSource } from '../checkpoint/config.ts'
import { openSafetensors } from '../files/safetensors.ts'
import { writeSafetensors } from '../files/safetensors-write.ts'
import { sessionsOpen } from '../runtime/session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { stackTerms } from './adapted-session.ts'
import { holdRowNorms, rowNorms } from './row-norms.ts'

const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })

test.each([[[6, 10]], [[8, 3, 3, 3]]])('lengths of rows of %j with a pair added are those by hand', async (shape) => {
  const [O = 0, ...window] = shape
  const weight = random('w', shape)
  const pair = { down: random('a', [2, ...window]), up: random('b', [O, 2, ...window.slice(1).map(() => 1)]), alpha: 3 }
  const v = weight.data.slice()
  addTerm(v, weight, { kind: 'low-rank', ...pair }, 1)
  const before = sessionsOpen()
  {
    await using _held = holdRowNorms()
    const lengths = await rowNorms(weight, pair)
    expect(relativeL2(lengths, norms({ shape, data: v }, 'output'))).toBeLessThan(1e-6)
    expect(await rowNorms(weight, pair)).toEqual(lengths)
    expect(sessionsOpen()).toBe(before + 1)
  }
  expect(sessionsOpen()).toBe(before)
})

test('adapters of a stack read the weight that they stand on once, and none of it is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-'))
  const file = join(folder, 'w.safetensors')
  await writeSafetensors(file, [
    { name: 'a.weight', dtype: 'F32', shape: [6, 10], data: () => Promise.resolve(new Uint8Array(random('w', [6, 10]).data.buffer)) },
  ])
  const entry = (await openSafetensors(file)).entries.get('a.weight')
  let reads = 0
  // Whoever reads asks where it lies.
  const source = { dtype: 'float32', shape: [6, 10], length: 240, offset: entry?.offset ?? 0, get file() { return reads++, file } } as TensorSource // prettier-ignore
  const adapter = (name: string): StackEntry => {
    const tensors = { down: random(`${name} a`, [2, 10]), up: random(`${name} b`, [6, 2]), magnitude: random(`${name} m`, [6, 1]) }
    const modules = [{ component: 'unet', path: 'a', variant: 'dora', tensors, alpha: 2 } as const]
    return { adapter: { name, modules, metadata: {}, skipped: [] }, weight: 1, enabled: true }
  }
  const network = { component: 'unet', weights: new Map([['a.weight', source]]), blockOf: () => undefined } as const
  const stack = ['x', 'y', 'z'].map(adapter)
  const terms = await stackTerms(network, stack)
  expect([reads, terms.get('a')?.length]).toEqual([1, 6])
  await stackTerms(
    network,
    stack.map((one) => ({ ...one, weight: 0.5 })),
  )
  expect(reads).toBe(1)
  await rm(folder, { recursive: true })
})
