import { expect, test } from 'vitest'
import { channelStatistics, foldStatistics, sayStatistics, whiten } from './whiten.ts'

/** out = weight · x + bias, the 1×1 convolution at one cell. */
const at = (weight: Float32Array, bias: Float32Array, x: readonly number[]): number[] =>
  [...bias].map((b, o) => b + x.reduce((sum, value, i) => sum + (weight[o * x.length + i] ?? 0) * value, 0))

test('folding gives whitened latents and leaves what the decoder sees', () => {
  const latents = Float32Array.of(1, 3, 10, 14, 5, 7, 20, 12) // (2, 2 channels, 2 cells)
  const statistics = channelStatistics(latents, 2, 2)
  expect([...statistics.mean]).toEqual([4, 14])
  const random = (n: number, by: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * by + 1))
  const weights = new Map([
    ['quant_conv.weight', { shape: [4, 4, 1, 1], data: random(16, 1.3) }],
    ['quant_conv.bias', { shape: [4], data: random(4, 0.7) }],
    ['post_quant_conv.weight', { shape: [2, 2, 1, 1], data: random(4, 2.1) }],
    ['post_quant_conv.bias', { shape: [2], data: random(2, 0.4) }],
  ])
  const folded = foldStatistics(weights, statistics)
  const data = (map: typeof folded, key: string) => map.get(key)?.data ?? new Float32Array()
  const run = (map: typeof folded, part: string, x: readonly number[]) => at(data(map, `${part}.weight`), data(map, `${part}.bias`), x)
  const hidden = [0.3, -1, 2, 0.5]
  const before = run(weights, 'quant_conv', hidden)
  const after = run(folded, 'quant_conv', hidden)
  for (let c = 0; c < 2; c++) {
    const [mu, sigma] = [statistics.mean[c] ?? 0, statistics.deviation[c] ?? 1]
    expect(after[c]).toBeCloseTo(((before[c] ?? 0) - mu) / sigma, 5)
    expect(Math.exp((after[2 + c] ?? 0) / 2) * sigma).toBeCloseTo(Math.exp((before[2 + c] ?? 0) / 2), 5)
  }
  const seen = run(folded, 'post_quant_conv', after.slice(0, 2))
  run(weights, 'post_quant_conv', before.slice(0, 2)).forEach((value, o) => expect(seen[o]).toBeCloseTo(value, 4))
  whiten(latents, statistics, 2)
  const again = channelStatistics(latents, 2, 2)
  for (let c = 0; c < 2; c++) {
    expect(again.mean[c]).toBeCloseTo(0, 6)
    expect(again.deviation[c]).toBeCloseTo(1, 6)
  }
  whiten(latents, sayStatistics(Float32Array.of(1.75, 0.25)), 2)
  const scaled = channelStatistics(latents, 2, 2)
  for (const [c, weight] of [1.75, 0.25].entries()) expect((scaled.deviation[c] ?? 0) ** 2).toBeCloseTo(weight, 6)
})
