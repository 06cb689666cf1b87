import { expect, test } from 'vitest'
import { trainRequest } from '../../../engine/requests/train.ts'
import { embeddedPath } from '../../places/embedded.ts'
import { memoryVerdict } from './memory-verdict.ts'

const room = { free: 64e9, total: 64e9, sure: true }
const request = trainRequest.parse({ dataset: 'x', batch: 1 })
const asked = { path: embeddedPath, request, room, side: 64, threads: 1 }

test('what a card needs is told for runs that are computed on one, less of it in 16 bits', async () => {
  expect(await memoryVerdict({ ...asked, card: { provider: 'cpu' } })).not.toHaveProperty('cardBytes')
  const full = await memoryVerdict({ ...asked, request: { ...request, computePrecision: 'fp32' }, card: { provider: 'cuda' } })
  const half = await memoryVerdict({ ...asked, card: { provider: 'cuda', proven: ['fp16'] } })
  expect(full.cardBytes).toBeGreaterThan(6e8)
  expect(half.cardBytes).toBeLessThan(full.cardBytes ?? 0)
})
