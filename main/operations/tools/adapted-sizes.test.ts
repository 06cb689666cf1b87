// What is learnt and what is written: not the same numbers.
import { expect, test } from 'vitest'
import { trainRequest } from '../../../engine/requests/train.ts'
import { embeddedPath } from '../../places/embedded.ts'
import { adaptedSizes } from './adapted-sizes.ts'

const sizes = (more: object) =>
  adaptedSizes({ path: embeddedPath, request: trainRequest.parse({ dataset: 'd', rank: 4, alpha: 4, ...more }) })

test('a file holds what stays as it was drawn, and twice the pairs of a PiSSA', async () => {
  const plain = await sizes({})
  expect(plain.filed).toBe(plain.trainable)
  const half = await sizes({ method: 'lora-fa' })
  expect(half.trainable).toBeLessThan(0.7 * plain.trainable)
  expect(half.filed).toBe(plain.filed)
  const pissa = await sizes({ start: 'pissa' })
  expect(pissa).toEqual({ ...plain, filed: 2 * plain.filed })
  expect((await sizes({ method: 'full' })).filed).toBeGreaterThan(10 * plain.filed)
})
