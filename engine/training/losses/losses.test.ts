// Each loss in the graph, with its gradient, against what sd-scripts' and OneTrainer's own functions gave (build/reference/losses.py), and its formula.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import '../../ops/index.ts'
import { backward } from '../../autodiff/backward.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import { reduceSum } from '../../graph/math.ts'
import { diffusion } from '../../processes/diffusion.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { Session } from '../../runtime/session.ts'
import { trainingRules } from '../../training-rules.ts'
import { distanceOf } from '../distance.ts'
import { losses } from './index.ts'
import { lossOf } from './loss.ts'
import { stableDiffusion } from '../../processes/testing-schedule.ts'

interface Recorded {
  readonly timesteps: readonly number[]
  readonly shape: readonly number[]
  readonly prediction: readonly number[]
  readonly target: readonly number[]
  readonly cases: readonly {
    readonly loss: string
    readonly options: Readonly<Record<string, number | string>>
    readonly thresholds: readonly number[]
    readonly rows: readonly number[]
    readonly gradient: readonly number[]
  }[]
  readonly masks: readonly (readonly number[])[]
  readonly masked: readonly { readonly request: object; readonly rows: readonly number[]; readonly gradient: readonly number[] }[]
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/losses.json', import.meta.url), 'utf8')) as Recorded
const process = diffusion(stableDiffusion)
const request = (given: object): TrainRequest => trainRequest.parse({ dataset: '/set', ...given })

/** Rows of the distance, and the gradient of their sum. */
async function measured(given: object) {
  const distance = distanceOf(request(given))
  const graph = new Graph('loss')
  const [prediction, target] = [graph.input('prediction', 'float32', recorded.shape), graph.input('target', 'float32', recorded.shape)]
  const rows = distance.of(prediction, target, 'N')
  graph.output('rows', rows)
  graph.output('gradient', backward(reduceSum(rows, [0], false), [prediction])[0] as Value)
  await using session = await Session.create(graph, { threads: 1 })
  const of = (values: readonly number[]) => ({ shape: recorded.shape, data: Float32Array.from(values) })
  const [, , height = 0, width = 0] = recorded.shape
  const masks = recorded.masks.map((mask) => Float32Array.from(mask))
  const fed = distance.feeds({ process, timesteps: recorded.timesteps, cells: [height, width], masks })
  const told = await session.run({ prediction: of(recorded.prediction), target: of(recorded.target), ...fed })
  return {
    rows: told.rows?.data ?? [],
    gradient: told.gradient?.data ?? [],
    thresholds: Float32Array.from(fed.loss_threshold?.data ?? [], Number),
  }
}

/** Largest |a − b| / (1 + |b|). */
const worst = (a: ArrayLike<number>, b: readonly number[]): number =>
  a.length === b.length ? Math.max(0, ...b.map((value, i) => Math.abs((a[i] ?? NaN) - value) / (1 + Math.abs(value)))) : NaN

test.each(recorded.cases)('$loss $options as its program computes it, with its gradient', async ({ loss, options, ...expected }) => {
  const found = await measured({ loss, lossOptions: options })
  expect(worst(found.rows, expected.rows)).toBeLessThan(1e-6)
  expect(worst(found.gradient, expected.gradient)).toBeLessThan(1e-6)
  expect(worst(found.thresholds, expected.thresholds)).toBeLessThan(1e-6)
})

test.each(recorded.masked)('$request as its program computes it, with its gradient', async ({ request, ...expected }) => {
  const found = await measured(request)
  expect(worst(found.rows, expected.rows)).toBeLessThan(1e-6)
  expect(worst(found.gradient, expected.gradient)).toBeLessThan(1e-6)
})

test('every loss was recorded', () => {
  expect([...new Set(recorded.cases.map(({ loss }) => loss))].toSorted()).toEqual(losses.map(({ name }) => name).toSorted())
})

test('a miss far below the threshold is not lost in it, as it is in the formula as written', async () => {
  const d = 1e-5
  const graph = new Graph('small')
  const [x, c] = [graph.input('x', 'float32', [1]), graph.input('c', 'float32', [1])]
  graph.output('y', lossOf(request({ loss: 'huber' })).of(x, c))
  await using session = await Session.create(graph, { threads: 1 })
  const { y } = await session.run({ x: { shape: [1], data: Float32Array.of(d) }, c: { shape: [1], data: Float32Array.of(1) } })
  expect(Math.abs((y?.data[0] ?? 0) / (2 * (Math.sqrt(d * d + 1) - 1)) - 1)).toBeLessThan(1e-5)
  expect(Math.fround(Math.fround(Math.sqrt(Math.fround(d * d + 1))) - 1)).toBe(0)
})

test('who names no loss has the mean of squares and a graph without further inputs; the file names the others as sd-scripts does', () => {
  expect(distanceOf(request({})).plain).toBe(true)
  expect(distanceOf(request({ loss: 'l2' })).plain).toBe(true)
  expect(request({}).loss).toBeUndefined()
  expect([lossOf(request({})).metadata, lossOf(request({ loss: 'l1' })).metadata]).toEqual([{}, { ss_loss_type: 'l1' }])
  expect(lossOf(request({ loss: 'smooth-l1', lossOptions: { huberC: 0.2 } })).metadata).toEqual({
    ss_loss_type: 'smooth_l1',
    ss_huber_schedule: 'snr',
    ss_huber_c: '0.2',
    ss_huber_scale: '1',
  })
})

test('options of another loss, and a blend of nothing, are refused before a run begins', () => {
  const told = (given: object): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(request(given))
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(told({ lossOptions: { huberC: 0.2 } })).toEqual(['loss-option-unknown'])
  expect(told({ loss: 'huber', lossOptions: { huberC: 0 } })).toEqual(['loss-option-invalid'])
  expect(told({ loss: 'huber', lossOptions: { huberSchedule: 'linear' } })).toEqual(['loss-option-invalid'])
  expect(told({ loss: 'blend', lossOptions: { mse: 0 } })).toEqual(['loss-blend-empty'])
  expect(told({ loss: 'blend' })).toEqual([])
})
