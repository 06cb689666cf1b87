import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { relativeL2 } from '../../tensor/tensor.ts'
import { init, update } from './adamw.ts'
import { clipGlobalNorm } from './clip.ts'
import { emaDecay, updateEma } from './ema.ts'
import { learningRateFactor } from '../courses/course.ts'
import '../../ops/index.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { copyVector, storeOf, vectorBytes, type VectorStore } from '../../tensor/vectors.ts'
import { randomStream } from '../../tensor/philox.ts'
import { fieldOfRates } from '../unequal-rates.ts'
import { optimizers } from './index.ts'
import { openOptimizer, optimizerOf, type Layout, type OptimizerState } from './optimizer.ts'

interface Fixture {
  readonly adamw: readonly {
    options: { lr: number; betas: [number, number]; eps: number; weight_decay: number }
    start: string
    grads: string
    params: string
  }[]
  readonly clip: readonly { maxNorm: number; grads: string; norm: number; clipped: string }[]
  readonly rates: readonly { name: TrainRequest['course']; warmupSteps: number; totalSteps: number; factors: number[] }[]
  readonly ema: readonly { decay: number; warmup: boolean; decays: number[] }[]
}

const fixture = JSON.parse(readFileSync(new URL('./fixtures/optimizers.json', import.meta.url), 'utf8')) as Fixture
const unpacked = (text: string): Float32Array => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

describe('AdamW', () => {
  test.each(fixture.adamw)('thirty updates give the parameters of torch, $options', ({ options, ...run }) => {
    const { lr, betas, eps, weight_decay: weightDecay } = options
    const params = unpacked(run.start)
    const [grads, expected] = [unpacked(run.grads), unpacked(run.params)]
    const state = init(params.length)
    for (let step = 1; step <= 30; step++) {
      const row = [(step - 1) * params.length, step * params.length] as const
      update(params, grads.subarray(...row), state, { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, step })
      expect(relativeL2(params, expected.subarray(...row))).toBeLessThan(1e-6)
    }
  })

  test('a range leaves the other parameters and their state alone', () => {
    const params = Float32Array.of(1, 1, 1)
    const state = init(3)
    const options = { lr: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1, step: 1 }
    update(params, Float32Array.of(1, 1, 1), state, options, [1, 2])
    expect([params[0], params[2], state.m[0], state.v[2]]).toEqual([1, 1, 0, 0])
    expect(params[1]).toBeCloseTo(0.89, 6)
  })
})

const storesOf = ({ vectors, stores }: OptimizerState): Readonly<Record<string, VectorStore>> => ({
  ...Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, storeOf(vector)])),
  ...stores,
})
const contents = async (state: OptimizerState) =>
  Object.fromEntries(await Promise.all(Object.entries(storesOf(state)).map(async ([name, all]) => [name, await all.read(0, all.length)])))

describe.each(optimizers)('$name', (optimizer) => {
  const random = randomStream(7, 'optimizers', 0)
  const [start, ...gradients] = Array.from({ length: 7 }, () => random.normal(24)) as [Float32Array, ...Float32Array[]]
  const options = optimizer.options.parse({})
  const layout: Layout = {
    placements: [
      { name: 'a', shape: [2, 4], offset: 0 },
      { name: 'b', shape: [4, 4], offset: 8 },
    ],
    ranges: [
      { from: 0, to: 8, rate: 1 },
      { from: 8, to: 24, rate: optimizer.oneRate ? 1 : 9 },
    ],
  }
  const updated = async (theta: Float32Array, state: OptimizerState, from: number, to: number): Promise<void> => {
    for (let step = from; step <= to; step++)
      await state.update(theta, gradients[step - 1] as Float32Array, { lr: Number(optimizer.usual?.lr ?? 0.01), step })
  }

  test('its vectors are all that it keeps: where they are filled with copies it goes on with the same bits', async () => {
    const whole = start.slice()
    const state = await optimizer.open(whole, layout, options)
    await updated(whole, state, 1, 3)
    const resumed = whole.slice()
    const again = await optimizer.open(resumed, layout, options)
    const [from, into] = [storesOf(state), storesOf(again)]
    for (const [name, store] of Object.entries(from)) await copyVector(store, 0, into[name] as VectorStore)
    await updated(whole, state, 4, 6)
    await updated(resumed, again, 4, 6)
    expect(resumed).toEqual(whole)
    expect(await contents(again)).toEqual(await contents(state))
    for (const one of [state, again]) await one[Symbol.asyncDispose]?.()
    expect(whole.every((value, i) => value !== start[i] && Number.isFinite(value))).toBe(true)
  })

  test('they have names that a checkpoint has not taken, and the size that it tells', async () => {
    const state = await optimizer.open(start.slice(), layout, options)
    const stores = storesOf(state)
    for (const taken of ['theta', 'average']) expect(Object.keys(stores)).not.toContain(taken)
    const bytes = Object.values(stores).reduce((sum, { type, length }) => sum + length * vectorBytes(type), 0)
    const told = layout.placements.reduce((sum, { shape }) => sum + optimizer.bytes(shape, options), 0)
    // A few numbers for all of θ together are not counted.
    expect(bytes - told).toBeGreaterThanOrEqual(0)
    expect(bytes - told).toBeLessThanOrEqual(32)
    await state[Symbol.asyncDispose]?.()
  })
})

test('a request names its optimizer and those of its options that it has a field for', () => {
  const request = trainRequest.parse({ dataset: '/set', weightDecay: 0.25 })
  const { optimizer, options } = optimizerOf(request)
  expect([optimizer.name, options]).toEqual(['adamw', { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.25 }])
  expect(trainRequest.safeParse({ dataset: '/set', optimizer: 'sgdm' }).success).toBe(false)
})

test.each([
  ['sgd-nesterov', { optimizer: 'sgd', optimizerOptions: { nesterov: true, momentum: 0 } }],
  ['sgd-nesterov', { optimizer: 'sgd', optimizerOptions: { nesterov: true, dampening: 0.1 } }],
  ['adafactor-warmup', { optimizer: 'adafactor', optimizerOptions: { warmupInit: true } }],
  ['adafactor-course', { optimizer: 'adafactor', optimizerOptions: { relativeStep: true }, course: 'cosine' }],
  ['adafactor-course', { optimizer: 'adafactor', optimizerOptions: { relativeStep: true }, course: 'constant', warmup: 1 }],
  ['prodigy-growth', { optimizer: 'prodigy', optimizerOptions: { growthRate: 0.5 } }],
  ['optimizer-rates', { optimizer: 'prodigy', loraPlus: 4 }],
  ['schedule-free-course', { optimizer: 'schedule-free', course: 'linear' }],
  ['schedule-free-ema', { optimizer: 'schedule-free', course: 'constant', ema: 0.9 }],
  ['optimizer-option-invalid', { optimizer: 'prodigy', optimizerOptions: { d0: 0 } }],
])('what does not go together is refused by %s before anything loads, %o', (code, more) => {
  expect(() => optimizerOf(trainRequest.parse({ dataset: '/set', ...more }))).toThrow(expect.objectContaining({ code }))
})

test('networks that learn at one rate are alike, whichever that is', () => {
  expect([
    fieldOfRates({ lr: 1, textRate: 0.1 }),
    fieldOfRates({ lr: 1, textRate: 1, textRate2: 0.5 }),
    fieldOfRates({ lr: 1, unetRate: 0.5, textRate: 1 }),
  ]).toEqual(['textRate', 'textRate2', 'textRate'])
  for (const alike of [{ lr: 1, textRate: 1 }, { lr: 1, unetRate: 0, textRate: 0.1 }, { lr: 1, unetRate: 0.5 }, {}])
    expect(fieldOfRates(alike)).toBeUndefined()
})

test('a rate that all parts have is that of Prodigy', async () => {
  const learnt = async (lr: number, rate: number): Promise<Float32Array> => {
    const theta = Float32Array.of(1, 2)
    const chosen = optimizerOf(trainRequest.parse({ dataset: '/set', optimizer: 'prodigy' }))
    const layout = { placements: [{ name: 'a', shape: [2], offset: 0 }], ranges: [{ from: 0, to: 2, rate }] }
    const state = await openOptimizer(chosen, theta, layout, '')
    for (let step = 1; step <= 3; step++) await state.update(theta, Float32Array.of(1, -1), { lr, step })
    return theta
  }
  expect(await learnt(0.5, 1)).toEqual(await learnt(1, 0.5))
  expect(await learnt(0.5, 1)).not.toEqual(await learnt(1, 1))
})

test('parts that learn at different rates for another reason are refused as it is opened', () => {
  const chosen = optimizerOf(trainRequest.parse({ dataset: '/set', optimizer: 'prodigy' }))
  const ranges = [1, 2].map((rate, i) => ({ from: i, to: i + 1, rate }))
  const layout = { placements: [{ name: 'a', shape: [2], offset: 0 }], ranges }
  expect(() => openOptimizer(chosen, new Float32Array(2), layout, '')).toThrow(expect.objectContaining({ code: 'optimizer-rates' }))
})

test.each(fixture.clip)('clipping to norm $maxNorm follows torch', ({ maxNorm, norm, ...run }) => {
  const grads = unpacked(run.grads)
  expect(clipGlobalNorm(grads, maxNorm)).toBeCloseTo(norm, 5)
  expect(relativeL2(grads, unpacked(run.clipped))).toBeLessThan(1e-6)
})

test('clipping does not hide a gradient that is not a number', () => {
  const grads = Float32Array.of(NaN, 1)
  expect(clipGlobalNorm(grads, 1)).toBeNaN()
  expect([...grads]).toEqual([NaN, NaN])
})

test.each(fixture.rates)('learning rate $name, warm-up $warmupSteps of $totalSteps, follows diffusers', ({ name, factors, ...options }) => {
  factors.forEach((factor, step) => expect(learningRateFactor(name, step, options)).toBeCloseTo(factor, 12))
})

describe('EMA', () => {
  test.each(fixture.ema)('decay $decay, warm-up $warmup, follows diffusers', ({ decay, warmup, decays }) => {
    const steps = [...decays.keys()].map((i) => (i + 1 === decays.length ? 100_000 : i + 1))
    const options = { decay, ...(warmup && { warmupPower: 2 / 3 }) }
    steps.forEach((step, i) => expect(emaDecay(step, options)).toBeCloseTo(decays[i] ?? 0, 12))
  })

  test('moves towards the parameters, all the way at decay 0', () => {
    const average = Float32Array.of(0, 4)
    updateEma(average, Float32Array.of(1, 2), 0.75)
    expect([...average]).toEqual([0.25, 3.5])
    updateEma(average, Float32Array.of(1, 2), 0)
    expect([...average]).toEqual([1, 2])
  })
})
