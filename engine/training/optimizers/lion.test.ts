import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { relativeL2 } from '../../tensor/tensor.ts'
import { lion } from './lion.ts'

interface Run {
  readonly options: { readonly lr: number; readonly beta1: number; readonly beta2: number; readonly weightDecay: number }
  readonly start: string
  readonly grads: string
  readonly params: string
  readonly m: string
}

const runs = JSON.parse(readFileSync(new URL('./fixtures/lion.json', import.meta.url), 'utf8')) as readonly Run[]
const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

test.each(runs)('thirty updates give the parameters and the momentum of the paper in torch, $options', async ({ options, ...run }) => {
  const { lr, ...chosen } = options
  const params = unpacked(run.start)
  const [grads, expected, m] = [unpacked(run.grads), unpacked(run.params), unpacked(run.m)]
  const size = params.length
  const ranges = [
    { from: 0, to: 5, rate: 1 },
    { from: 5, to: size, rate: 1 },
  ]
  const state = await lion.open(params, { placements: [], ranges }, chosen)
  for (let step = 1; step <= 30; step++) {
    const row = [(step - 1) * size, step * size] as const
    await state.update(params, grads.subarray(...row), { lr, step })
    expect(relativeL2(params, expected.subarray(...row))).toBeLessThan(1e-6)
    expect(relativeL2(state.vectors.m ?? [], m.subarray(...row))).toBeLessThan(1e-6)
  }
})
