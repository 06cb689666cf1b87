import { expect, test } from 'vitest'
import { randomStream } from '../../tensor/philox.ts'
import { participation, rankUse } from './rank-use.ts'

test('as many singular values take part as there are equal ones', () => {
  // ΔW of 6 × 5 with the singular values 3, 3, 3 and 0.
  const [down, up] = [new Float32Array(4 * 5), new Float32Array(6 * 4)]
  for (let r = 0; r < 3; r++) [down[r * 5 + r], up[r * 4 + r]] = [1, 3]
  const pair = { down: { shape: [4, 5], data: down }, up: { shape: [6, 4], data: up } }
  expect(participation(pair)).toBeCloseTo(3, 9)
  // One that stands out: (9 + 9 + 900)² / (81 + 81 + 810000).
  up[2 * 4 + 2] = 30
  expect(participation(pair)).toBeCloseTo(918 ** 2 / (81 + 81 + 810_000), 6)
  expect(participation({ ...pair, up: { shape: [6, 4], data: new Float32Array(24) } })).toBe(0)
})

test('it is that of ΔW whatever its two matrices are, and told by layer', () => {
  const data = (shape: number[], name: string) => ({ shape, data: randomStream(1, name, 0).normal(shape.reduce((a, b) => a * b, 1)) })
  const pair = { down: data([3, 2, 2, 2], 'a'), up: data([7, 3, 1, 1], 'b') }
  // C·A and B·C⁻¹ have the same product.
  const C = [2, 0.5, 0.25]
  const other = {
    down: { ...pair.down, data: pair.down.data.map((x, i) => x * (C[Math.floor(i / 8)] ?? 1)) },
    up: { ...pair.up, data: pair.up.data.map((x, i) => x / (C[i % 3] ?? 1)) },
  }
  expect(participation(other)).toBeCloseTo(participation(pair), 5)
  const module = { component: 'unet', path: 'mid_block.resnets.0.conv1', variant: 'lora', tensors: pair, alpha: 3 } as const
  const inText = { ...module, component: 'text_encoder', path: 'text_model.encoder' } as const
  const layout = { layersPerBlock: 1, transformerLayers: [1, 1] }
  const told = { rank: 3, used: participation(pair) }
  expect(rankUse({ modules: [module, { ...module, path: 'elsewhere' }, inText] }, layout)?.layers).toEqual([
    { layer: 'unet.mid_block.resnets.0.conv1', block: 'M00', ...told },
    { layer: 'unet.elsewhere', block: 'other', ...told },
    { layer: 'text_encoder.text_model.encoder', block: 'BASE', ...told },
  ])
  expect(rankUse({ modules: [] }, layout)).toBeUndefined()
})
