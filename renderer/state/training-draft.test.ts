import { expect, test } from 'vitest'
import { rememberedTraining } from './training-draft.ts'

const usual = { name: '', given: '', dataset: '', preset: 'balanced', values: {}, further: [], taken: '' }

test('a remembered form comes back whole, and what does not fit is left', () => {
  const whole = {
    name: 'Ink',
    given: 'Ink studies',
    dataset: 'd1',
    preset: 'quick',
    values: { steps: 80 },
    further: [{ folder: 'd2', repeats: 4 }],
    model: 'm',
    prompts: 'a\nb',
    every: 0,
    taken: 'd1',
  }
  expect(rememberedTraining(JSON.stringify(whole))).toEqual(whole)
  expect(
    rememberedTraining(JSON.stringify({ ...whole, preset: 7, values: [1], further: [{ repeats: 4 }], every: 'often', name: null })),
  ).toEqual({
    ...whole,
    ...{ preset: 'balanced', values: {}, further: [], every: undefined, name: '' },
  })
  for (const text of ['', 'null', '{', '7']) expect(rememberedTraining(text)).toEqual(usual)
})
