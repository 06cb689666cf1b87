import { expect, test } from 'vitest'
import { layoutOf } from '../../runtime/flat-parameters.ts'
import { layerOf, Updates } from './updates.ts'

const layout = { layersPerBlock: 1, transformerLayers: [1, 1] }
const { placements, size } = layoutOf([
  { name: 'lora.A/mid_block.attentions.0.proj_in', shape: [2, 2] },
  { name: 'lora.B/mid_block.attentions.0.proj_in', shape: [2, 2] },
  { name: 'lora.A/down_blocks.0.resnets.0.conv1', shape: [1, 4] },
  { name: 'text_encoder/lora.A/text_model.encoder.layers.0.mlp.fc1', shape: [2] },
])

const seen = (theta: Float32Array, gradient: Float32Array, gradNorm: number) => ({ theta, gradient, gradNorm })

test('norms and updates by block are those of its tensors, the gradient as it was before it was limited', () => {
  const updates = new Updates(placements, layout)
  const theta = new Float32Array(size).fill(1)
  const gradient = Float32Array.from({ length: size }, (_, i) => (i < 4 ? 0.1 : i < 8 ? 0.2 : 0))
  const after = updates.before(seen(theta, gradient, 10))
  for (let i = 0; i < 4; i++) theta[i] = 1.5
  after()
  const blocks = updates.blocks()
  expect(blocks.map(({ block }) => block)).toEqual(['BASE', 'IN01', 'M00'])
  const [, , mid] = blocks
  // All of the gradient is there.
  expect(mid?.gradNorm).toBeCloseTo(10, 5)
  expect(mid?.update).toBeCloseTo(Math.sqrt((4 * 0.25) / (4 * 2.25 + 4)), 6)
  expect(updates.blocks()).toEqual([])
})

test('a layer without gradient and change is told once, from the second look on; one that began late is not', () => {
  let updates = new Updates(placements, layout)
  const look = (live: readonly number[]): ReturnType<Updates['dead']> => {
    const theta = new Float32Array(size).fill(1)
    const gradient = Float32Array.from({ length: size }, (_, i) => (live.includes(i) ? 1 : 0))
    updates.before(seen(theta, gradient, 1))()
    updates.blocks()
    // A run that was stopped goes on with what it knew.
    updates = new Updates(placements, layout, updates.vector)
    return updates.dead()
  }
  expect(look([0])).toBeUndefined()
  expect(look([4, 12])).toEqual({ dead: ['down_blocks.0.resnets.0.conv1'], layers: 3 })
  expect(look([0])).toBeUndefined()
})

test('names of trainables lead to their layers', () => {
  expect(layerOf('lora.E/mid_block.attentions.0.proj_in')).toEqual({ text: false, path: 'mid_block.attentions.0.proj_in' })
  expect(layerOf('conv_in.weight')).toEqual({ text: false, path: 'conv_in' })
  expect(layerOf('text_encoder_2/dora.m/text_model.x')).toEqual({ text: true, path: 'text_encoder_2.text_model.x' })
})
