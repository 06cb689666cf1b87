// What a run is said to cost, and what keeps it from starting.
import { expect, test } from 'vitest'
import { trainingForm } from '../api/methods/training.ts'
import { forecastOf, type ForecastInput } from './forecast.ts'

const form = (more: object = {}) => trainingForm.parse({ name: 'x', dataset: 'd', steps: 100, rank: 8, alpha: 8, batch: 2, ...more })
const picture = (caption: string, repeats = 1, id = '') => ({ id, path: id, caption, repeats }) as ForecastInput['found'][number]
const damaged = { code: 'picture-corrupt', message: 'It is damaged.', facts: {} }
const plenty: ForecastInput = {
  form: form(),
  found: [picture('a'), picture('b', 3)],
  broken: new Map(),
  facts: { side: 64, step: 8, unetParameters: 5_000_000 } as ForecastInput['facts'],
  sizes: { trainable: 80_000, layers: 32, filed: 160_000 },
  unwise: [],
  memory: { bytes: 5e8 },
  earlier: [],
  freeMemoryBytes: 64e9,
  freeDiskBytes: 64e9,
}
const problems = (more: Partial<ForecastInput>) => forecastOf({ ...plenty, ...more }).problems.map(({ code, stops }) => [code, stops])

test('steps go over the pictures as often as their repeats say, and the file holds what is written', () => {
  const told = forecastOf(plenty)
  expect(told).toMatchObject({ steps: 100, pictures: 2, epochs: 50, trainable: 80_000, secondsKnown: false, problems: [] })
  expect(told.fraction).toBeCloseTo(0.016)
  expect(told.fileBytes).toBeGreaterThan(160_000 * 4)
  expect(told.diskBytes).toBeGreaterThan(told.fileBytes)
})

test('what a run takes of a card is told where it is computed on one', () => {
  expect(forecastOf(plenty)).not.toHaveProperty('cardBytes')
  expect(forecastOf({ ...plenty, memory: { bytes: 5e8, cardBytes: 4e9 } }).cardBytes).toBe(4e9)
})

test('more of anything takes longer', () => {
  const { seconds } = forecastOf(plenty)
  for (const more of [{ batch: 4 }, { steps: 200 }, { accumulation: 2 }, { baseWeights: 'nf4' }])
    expect(forecastOf({ ...plenty, form: form(more) }).seconds).toBeGreaterThan(seconds)
})

test('epochs are the steps that they make of these pictures, minutes as many as their time holds', () => {
  // Four shows, of one size as far as is known; two at a time.
  expect(forecastOf({ ...plenty, form: form({ epochs: 5 }) })).toMatchObject({ steps: 10, epochs: 5, problems: [] })
  const found = [
    { ...picture('a'), width: 64, height: 64 },
    { ...picture('b', 3), width: 128, height: 64 },
  ]
  expect(forecastOf({ ...plenty, found, form: form({ epochs: 5 }) }).steps).toBe(5 * 3)
  expect(forecastOf({ ...plenty, form: form({ epochs: 5, classPictures: '/class' }) }).steps).toBe(5 * 4)
  const earlier = [{ step: 50, seconds: 25, work: { kind: 'train', form: form({ steps: 50 }) } }] as unknown as ForecastInput['earlier']
  const byClock = form({ minutes: 2, course: 'constant' })
  expect(forecastOf({ ...plenty, earlier, form: byClock })).toMatchObject({ steps: 240, seconds: 120, secondsKnown: true })
  expect(problems({ form: form({ minutes: 2 }) })).toEqual([['course-length', true]])
})

test('a run of the same load tells the time', () => {
  const earlier = [{ step: 50, seconds: 25, work: { kind: 'train', form: form({ steps: 50 }) } }] as unknown as ForecastInput['earlier']
  expect(forecastOf({ ...plenty, earlier })).toMatchObject({ secondsKnown: true, seconds: 50 })
  expect(forecastOf({ ...plenty, earlier, form: form({ batch: 8 }) }).secondsKnown).toBe(false)
})

test('what cannot work stops, what may not work is told', () => {
  expect(problems({ found: [] })).toEqual([['dataset-empty', true]])
  const silent = { found: [picture('')], form: form({ captionPolicy: 'error' }) }
  expect(problems(silent)).toEqual([['caption-missing', true]])
  expect(problems({ ...silent, found: [picture(''), picture('a')] })).toEqual([['caption-missing', false]])
  expect(problems({ ...silent, form: form({ captionPolicy: 'empty' }) })).toEqual([])
  // A further set may say what becomes of its own.
  const further = { ...picture(''), own: { captionPolicy: 'empty' } } as const
  expect(problems({ ...silent, found: [picture('a'), further] })).toEqual([])
  // What mends it is offered with it.
  const [ofClass] = forecastOf({ ...plenty, form: form({ sets: [{ folder: 'e', classPictures: true }] }) }).problems
  expect(ofClass).toMatchObject({ code: 'set-of-class', facts: { change: { preservation: 'pictures' } } })
  expect(problems({ form: form({ sets: [{ folder: 'e', classPictures: true }], ...(ofClass?.facts.change as object) }) })).toEqual([])
  const short = { code: 'memory-short', message: 'It is short.', facts: {} }
  for (const stops of [true, false])
    expect(problems({ memory: { bytes: 5e8, problem: { ...short, stops } } })).toEqual([['memory-short', stops]])
  expect(problems({ unwise: [{ code: 'set-few-pictures', message: 'Few.', facts: {} }] })).toEqual([['set-few-pictures', false]])
  expect(problems({ freeDiskBytes: 1e6 })).toEqual([['disk-full', true]])
  // What the run itself would refuse.
  expect(problems({ form: form({ heldOutCount: 2 }) })).toEqual([['held-out-too-many', true]])
  expect(problems({ form: form({ rank: 7, members: 2 }) })).toEqual([['members-rank', true]])
  expect(problems({ form: form({ lossWeight: 'debiased', minSnrGamma: 5 }) })).toEqual([['loss-weight-options', true]])
  expect(problems({ form: form({ lossWeight: 'min-snr', minSnrGamma: 5 }) })).toEqual([])
  expect(problems({ form: form({ optimizerOptions: { beta3: 0.5 } }) })).toEqual([['optimizer-option-unknown', true]])
  expect(problems({ form: form({ optimizerOptions: { beta1: 1 } }) })).toEqual([['optimizer-option-invalid', true]])
})

test('a picture that cannot be used counts for nothing, and is named', () => {
  const found = [picture('a', 3, 'a.png'), picture('b', 1, 'b.png'), picture('', 1, 'c.png')]
  const broken = new Map([['a.png', damaged]])
  const told = forecastOf({ ...plenty, found, broken, form: form({ captionPolicy: 'empty' }) })
  expect(told).toMatchObject({ pictures: 2, epochs: 100 })
  expect(told.problems).toMatchObject([{ code: 'pictures-broken', stops: false, facts: { count: 1, total: 3, names: ['a.png'] } }])
  expect(problems({ found, broken, form: form({ badPictures: 'refuse' }) })).toEqual([
    ['pictures-broken', true],
    ['caption-missing', true],
  ])
  expect(problems({ found: found.slice(0, 1), broken })).toEqual([['dataset-unusable', true]])
  // What is broken lacks no caption beside.
  expect(problems({ found: [picture('', 1, 'a.png'), picture('b')], broken })).toEqual([['pictures-broken', false]])
})
