import { expect, test } from 'vitest'
import { loraModule } from './variants/lora.ts'
import { rankBlocks } from './rank-blocks.ts'

const zeros = (...shape: readonly [number, number]) => ({ shape, data: new Float32Array(shape[0] * shape[1]) })
const lora = (path: string, rank: number, component: 'unet' | 'text_encoder' = 'unet') =>
  loraModule({ component, path }, { down: zeros(rank, 6), up: zeros(5, rank), alpha: rank })
const base = {
  blockOf: (component: string, path: string) => (component === 'unet' ? { in: 'IN01', out: 'OUT03' }[path.split('.')[0] ?? ''] : 'BASE'),
  has: (_component: string, path: string) => !path.includes('unknown'),
}
const ofRanks = (ranks: unknown): Record<string, string> => ({
  'pigment.ranks': typeof ranks === 'string' ? ranks : JSON.stringify(ranks),
})

test('ranks are those of the tensors, block by block from the text to the last one', () => {
  const modules = [lora('out.q', 8), lora('in.q', 2), lora('time', 4), lora('in.k', 3), lora('q', 4, 'text_encoder')]
  expect(rankBlocks({ modules, metadata: {} }, base)).toEqual([
    { block: 'BASE', ranks: { 'text_encoder/q': 4 } },
    { block: 'IN01', ranks: { 'in.q': 2, 'in.k': 3 } },
    { block: 'OUT03', ranks: { 'out.q': 8 } },
    { block: '', ranks: { time: 4 } },
  ])
})

test('metadata tells of components at zero, and of layers of which nothing is left', () => {
  const modules = [lora('in.q', 8), lora('in.k', 8), lora('q', 8, 'text_encoder')]
  const metadata = ofRanks({ 'in.q': 5, 'in.k': 90, 'out.q': 0, 'text_encoder/q': 1, 'text_encoder/k': 0, 'out.unknown': 0, 'out.k': 3 })
  expect(rankBlocks({ modules, metadata }, base)).toEqual([
    { block: 'BASE', ranks: { 'text_encoder/q': 1, 'text_encoder/k': 0 } },
    { block: 'IN01', ranks: { 'in.q': 5, 'in.k': 8 } },
    { block: 'OUT03', ranks: { 'out.q': 0 } },
  ])
})

test.each(['{', '[1]', '{"in.q":"x"}', '{"in.q":-1}', '{"in.q":1.5}', 'null'])(
  'metadata that is no list of ranks counts as none: %s',
  (text) => {
    expect(rankBlocks({ modules: [lora('in.q', 8), lora('out.q', 8)], metadata: ofRanks(text) }, base)).toEqual([])
  },
)

test('where all ranks are the same there is nothing to tell', () => {
  expect(rankBlocks({ modules: [lora('in.q', 8), lora('out.q', 8)], metadata: {} }, base)).toEqual([])
})
