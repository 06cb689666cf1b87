// LoRA-FA against peft, DyLoRA and T-LoRA against their papers' formulae in torch, on the same layers and data (build/reference/lora_methods.py).
import { expect, test } from 'vitest'
import { dyLoraKey, sliceFactor, sliceOf, type SliceScale } from '../../adapters/dylora.ts'
import { graphMemory } from '../../graph/memory.ts'
import { sd1 } from '../../models/families/sd1/family.ts'
import { tensorShapes } from '../../models/keys/modules.ts'
import { unetModules } from '../../models/keys/unet-modules.ts'
import { trainRequest } from '../../requests/train.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { methodGraph } from '../method-graph.ts'
import type { At, Feeds } from '../plan.ts'
import { dylora, rowsFed } from './dylora.ts'
import { loraFa, projection } from './lora-fa.ts'
import { rankAt, tLora } from './t-lora.ts'
import { deltaOf, opened, recorded, slopeError, steps, unpacked, type Packed, type PairRun } from './testing-pairs.ts'

const close = async (run: PairRun, { losses, adapter }: Awaited<ReturnType<typeof steps>>): Promise<void> => {
  expect(losses).toHaveLength(30)
  expect(relativeL2(losses, run.losses)).toBeLessThan(1e-4)
  for (const [path, packed] of Object.entries(run.delta)) {
    const { shape, data } = unpacked(packed)
    expect(relativeL2(await deltaOf(adapter, path, shape), data), path).toBeLessThan(1e-3)
  }
}

test.each(recorded<readonly PairRun[]>('lora-fa').map((run) => [Object.keys(run.inputs).length, run] as const))(
  'LoRA-FA: thirty steps as peft takes them, and by its formula for convolutions: %i layers',
  async (_, run) => {
    const built = opened(loraFa, { rank: run.rank, draw: 'kaiming', projected: true }, run)
    // A has no gradient and is no part of what is learnt.
    expect(built.trained.map(({ name }) => name)).toEqual(Object.keys(run.inputs).map((layer) => `lora.B/${layer}`))
    const told = await steps(built, run)
    await close(run, told)
    for (const { path, tensors } of told.adapter.modules)
      expect(tensors.down?.data).toEqual(unpacked((run.start[path] as { A: Packed }).A).data)
    const plain = await steps(opened(loraFa, { rank: run.rank, draw: 'kaiming', projected: false }, run), run)
    expect(relativeL2(plain.losses, run.losses)).toBeGreaterThan(1e-3)
  },
)

test('LoRA-FA: what multiplies the gradient is the inverse of A·Aᵀ over s², also where A has fewer inputs than rows', () => {
  const a = { shape: [3, 2], data: Float32Array.of(2, 0, 0, 4, 0, 0) }
  const found = projection(a, 0.5).data
  expect(Array.from(found, (x) => Math.round(x * 1e6) / 1e6)).toEqual([1, 0, 0, 0, 0.25, 0, 0, 0, 0])
})

type DyRun = PairRun & { readonly ranks: readonly number[]; readonly options: { unit: number; scale: SliceScale; lastOnly: boolean } }

test.each(recorded<readonly DyRun[]>('dylora').map((run) => [JSON.stringify(run.options), run] as const))(
  'DyLoRA: thirty steps at drawn ranks as in torch, %s',
  async (_, run) => {
    const options = { rank: run.rank, ...run.options }
    const built = opened(dylora, options, run)
    const fed = (step: number): Feeds => rowsFed(run.ranks[step - 1] ?? 1, options)
    await close(run, await steps(built, run, fed))
  },
)

test.each(['constant', 'root', 'rank'] as const)(
  'DyLoRA: every slice of the file does what was trained at its rank, scale %s',
  async (scale) => {
    const [run] = recorded<readonly DyRun[]>('dylora') as [DyRun]
    const options = { rank: 4, unit: 1, scale, lastOnly: false }
    const built = opened(dylora, options, run)
    const { adapter } = await steps(built, run)
    const named = { ...adapter, metadata: { ...adapter.metadata, ...dylora.metadata(options) } }
    for (const n of [1, 2, 3, 4]) {
      // What the graph adds at this rank, by the masks that it is fed: alpha / R times mask, A and B as they are.
      const { data: mask } = rowsFed(n, options)['dylora.acts'] as Tensor
      expect([...mask]).toEqual([0, 1, 2, 3].map((i) => (i < n ? Math.fround(sliceFactor(scale, n, 4)) : 0)))
      const slice = sliceOf(named, n)
      for (const { path, tensors, alpha } of adapter.modules) {
        const { shape } = unpacked(run.delta[path] as Packed)
        const masked = (tensors.down as Tensor).data.map((x, i, { length }) => x * (mask[Math.floor((i * 4) / length)] ?? 0))
        const trained = { ...adapter, modules: [{ component: 'unet' as const, path, variant: 'lora', alpha, tensors: { up: tensors.up as Tensor, down: { shape: (tensors.down as Tensor).shape, data: masked } } }] } // prettier-ignore
        expect(relativeL2(await deltaOf(slice, path, shape), await deltaOf(trained, path, shape))).toBeLessThan(1e-6)
      }
      expect(slice.modules.every(({ tensors }) => tensors.down?.shape[0] === n)).toBe(true)
      // A slice of a slice is that slice.
      for (const [i, { tensors, alpha }] of (n > 1 ? sliceOf(slice, n - 1).modules : []).entries()) {
        const other = sliceOf(named, n - 1).modules[i]
        expect(tensors).toEqual(other?.tensors)
        expect(alpha).toBeCloseTo(other?.alpha ?? NaN, 12)
      }
    }
    expect(() => sliceOf(adapter, 2)).toThrow('not trained as DyLoRA')
    expect(() => sliceOf({ ...named, metadata: { ...named.metadata, [dyLoraKey]: '{"unit":3,"scale":"rank"}' } }, 2)).toThrow(
      'none of them',
    )
  },
)

test('DyLoRA: ranks are multiples of the unit, all come up, and the same step draws the same', () => {
  const [run] = recorded<readonly DyRun[]>('dylora') as [DyRun]
  const { plan } = opened(dylora, { rank: 4, unit: 2, scale: 'constant', lastOnly: false }, run)
  const at = (step: number, micro: number): Feeds =>
    plan.feeds?.({ step, micro, member: { index: 0, seed: 7 }, batch: {} } as unknown as At & { micro: number; batch: Feeds }) ?? {}
  const ranks = Array.from({ length: 40 }, (_, i) => (at(i, 0)['dylora.acts'] as Tensor).data.filter((x) => x > 0).length)
  expect([...new Set(ranks)].toSorted()).toEqual([2, 4])
  expect(at(3, 1)).toEqual(at(3, 1))
  expect(Array.from({ length: 40 }, (_, i) => at(i, 1))).not.toEqual(Array.from({ length: 40 }, (_, i) => at(i, 0)))
})

type TRun = PairRun & { readonly timesteps: readonly (readonly number[])[]; readonly options: { minRank: number; power: number } }

test.each(recorded<readonly TRun[]>('t-lora').map((run) => [JSON.stringify(run.options), run] as const))(
  'T-LoRA: thirty steps under the masks of lycoris, %s',
  async (_, run) => {
    const built = opened(tLora, { rank: run.rank, ...run.options }, run)
    const fed = (step: number): Feeds => {
      const timestep = { shape: [3], data: Float32Array.from(run.timesteps[step - 1] ?? []) }
      return built.plan.feeds?.({ batch: { timestep } } as unknown as At & { micro: number; batch: Feeds }) ?? {}
    }
    await close(run, await steps(built, run, fed))
  },
)

test('T-LoRA: all ranks without noise, the least of them at the highest', () => {
  const shape = { rank: 8, minRank: 2, power: 1 }
  expect([0, 250, 500, 999].map((t) => rankAt(t, shape))).toEqual([8, 6, 5, 2])
  expect(rankAt(500, { ...shape, power: 2 })).toBe(3)
})

test.each([
  ['dylora', dylora, { rank: 4, unit: 2, scale: 'root', lastOnly: true }, rowsFed(4, { rank: 4, unit: 2, scale: 'root', lastOnly: true })],
  [
    't-lora',
    tLora,
    { rank: 4, minRank: 1, power: 1 },
    { 't-lora.ranks': { shape: [3, 4], data: Float32Array.of(1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0) } },
  ],
  ['lora-fa', loraFa, { rank: 4, draw: 'paper', projected: true }, {}],
] as const)('the gradients of %s are those of differences', async (_, method, options, masks) => {
  const [run] = recorded<readonly PairRun[]>('t-lora') as [PairRun]
  const built = opened(method as typeof tLora, options as never, run)
  const pairs = [...built.plan.trainables, ...(built.plan.frozen ?? [])].map(({ name, shape }) => {
    return [name, { shape, data: randomStream(4, name, 0).normal(shape.reduce((a, b) => a * b)).map((x) => 0.3 * x) }] as const // prettier-ignore
  })
  const feeds = { ...built.feeds, ...Object.fromEntries(pairs), ...masks } as Record<string, Tensor>
  for (const value of built.trained) {
    const { data, shape } = feeds[value.name] as Tensor
    // Where only the last rows learn, along these alone.
    const axis = value.name.startsWith('lora.A') ? 0 : 1
    const width = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    const live = (i: number): boolean => !('lastOnly' in options) || Math.floor(i / width) % 4 >= 2
    const direction = randomStream(5, value.name, 0).normal(data.length).map((x, i) => (live(i) ? x : 0)) // prettier-ignore
    expect(await slopeError(built.graph, feeds, value, direction), value.name).toBeLessThan(0.01)
  }
})

test('LoRA-FA learns half as much as a LoRA and keeps fewer values in a step, without and with convolutions', () => {
  const config = { ...sd1.published.unet, blockOutChannels: [64, 128], layersPerBlock: 1, transformerLayers: [1, 1], heads: [2, 4] }
  const source = (shape: readonly number[]) => ({ file: '', dtype: 'float16' as const, shape, offset: 0, length: 2 * elementCount(shape) })
  const weights = new Map([...tensorShapes(unetModules(config))].map(([key, shape]) => [key, source(shape)]))
  const taken = (method: 'adapter' | 'lora-fa', layers: 'attention' | 'all') => {
    const request = trainRequest.parse({ dataset: 'd', method, layers, rank: 32 })
    const { graph, trained } = methodGraph({ family: 'sd1', unet: { config, weights }, textEncoders: [] }, request)
    const numbers = trained.reduce((sum, { shape }) => sum + (shape as number[]).reduce((a, b) => a * b), 0)
    return { numbers, ...graphMemory(graph, { N: 1, H: 32, W: 32, T: 77 }) }
  }
  for (const layers of ['attention', 'all'] as const) {
    const [lora, fa] = [taken('adapter', layers), taken('lora-fa', layers)]
    expect(fa.numbers).toBeLessThan(0.55 * lora.numbers)
    expect(fa.values).toBeLessThan(0.99 * lora.values)
  }
})
