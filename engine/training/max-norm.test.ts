import { expect, test } from 'vitest'
import { trainRequest } from '../requests/train.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { trainingRules } from '../training-rules.ts'
import type { AdaptedLayers } from './adapted-layers.ts'
import { limitedNorms } from './max-norm.ts'
import type { Plan } from './plan.ts'

const random = (name: string, ...shape: number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })

/** s·B·A written out, as sd-scripts does. */
function added(B: Tensor, A: Tensor, s: number): number[] {
  const [O = 0, R = 0] = B.shape
  const I = A.data.length / R
  return Array.from({ length: O * I }, (_, at) => {
    let sum = 0
    for (let r = 0; r < R; r++) sum += (B.data[Math.floor(at / I) * R + r] ?? 0) * (A.data[r * I + (at % I)] ?? 0)
    return s * sum
  })
}
const normOf = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0))

test('what is larger than the bound is scaled down to it by both matrices alike, what is smaller stays, and that is told', () => {
  const layers = [
    { down: random('A', 3, 7), up: random('B', 5, 3), rank: 3, alpha: 6, rate: 1 },
    { down: random('small A', 2, 4, 3, 3), up: { shape: [6, 2, 1, 1], data: random('small B', 6, 2).data.map((x) => x / 1000) }, rank: 2, alpha: 2, rate: 1 },
    { down: random('still A', 2, 4), up: random('still B', 4, 2), rank: 2, alpha: 20, rate: 0 },
  ] // prettier-ignore
  const modules = layers.map(({ rank, alpha, rate }, i) => ({
    trainables: [{ role: 'down', name: `A${i}` }, { role: 'up', name: `B${i}` }],
    shape: { rank, alpha, rate },
  })) as unknown as AdaptedLayers['modules'] // prettier-ignore
  const theta = Object.fromEntries(layers.flatMap(({ down, up }, i) => [[`A${i}`, down] as const, [`B${i}`, up] as const]))
  const before = layers.map(({ down, up, alpha, rank }) => added(up, down, alpha / rank))
  const max = 1.5
  const plan = limitedNorms({ modules }, max)
  const at = { theta } as unknown as Parameters<NonNullable<Plan<unknown>['afterUpdate']>>[0]
  plan.afterUpdate?.(at)
  const after = layers.map(({ down, up, alpha, rank }) => added(up, down, alpha / rank))
  const ratios = before.map((values) => Math.min(1, max / normOf(values)))
  expect(ratios[0]).toBeLessThan(0.5)
  for (const i of [0, 1]) after[i]?.forEach((value, k) => expect(value).toBeCloseTo((before[i]?.[k] ?? 0) * (ratios[i] ?? 0), 5))
  expect(after[2]).toEqual(before[2])
  const told = plan.told?.(at)
  expect(told?.scaledLayers).toBe(1)
  expect(told?.meanNorm).toBeCloseTo((max + normOf(before[1] ?? [])) / 2, 5)
})

test('without a bound nothing is done; with one, only plain pairs are trained', () => {
  expect(limitedNorms({ modules: [] }, undefined)).toEqual({})
  const told = (more: object): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(trainRequest.parse({ dataset: 'd', maxNorm: 1, ...more }))
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(told({})).toEqual([])
  expect(told({ variant: 'loha' })).toContain('max-norm-variant')
  expect(told({ start: 'pissa' })).toContain('max-norm-start')
  expect(told({ method: 'adalora' })).toContain('method-layers')
})
