import { expect, test } from 'vitest'
import { trainRequest } from '../../requests/train.ts'
import { lossWeights } from './index.ts'
import { lossWeightOf, type ChosenWeight } from './loss-weight.ts'

const chosen = (given: object): ChosenWeight => lossWeightOf(trainRequest.parse({ dataset: '/set', ...given }))
const weightOf = (given: object): ChosenWeight['weight'] => chosen(given).weight

test('min-SNR weights follow the prediction, with their limits at no signal', () => {
  const weight = weightOf({ minSnrGamma: 5 })
  expect(weight(0.01, 'epsilon')).toBe(1)
  expect(weight(1176, 'epsilon')).toBeCloseTo(5 / 1176, 12)
  expect(weight(0.01, 'v_prediction')).toBeCloseTo(0.01 / 1.01, 12)
  expect(weight(1176, 'v_prediction')).toBeCloseTo(5 / 1177, 12)
  expect([weight(0, 'epsilon'), weight(0, 'v_prediction')]).toEqual([1, 0])
})

test('the weight is the one that is named, else the one whose option is given, else the same for all', () => {
  expect(weightOf({})(1176, 'epsilon')).toBe(1)
  expect(weightOf({ lossWeight: 'min-snr' })(1176, 'epsilon')).toBeCloseTo(5 / 1176, 12)
  expect(weightOf({ lossWeight: 'min-snr', minSnrGamma: 1 })(1176, 'epsilon')).toBeCloseTo(1 / 1176, 12)
  expect(() => weightOf({ lossWeight: 'constant', minSnrGamma: 1 })).toThrow('"minSnrGamma" belongs to the loss weight "min-snr"')
})

test('what a file says of it has the keys of sd-scripts', () => {
  expect([chosen({}).metadata, chosen({ lossWeight: 'min-snr' }).metadata]).toEqual([{}, { ss_min_snr_gamma: '5' }])
})

test.each(lossWeights)('$name: a finite weight from the noisiest sample that there is to the cleanest', ({ options, weight }) => {
  for (const snr of [1e-5, 0.0047, 1, 1e6])
    for (const prediction of ['epsilon', 'v_prediction'] as const) {
      const value = weight(snr, prediction, options.parse({}))
      expect(value > 0 && Number.isFinite(value)).toBe(true)
    }
})
