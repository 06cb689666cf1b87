// What a choice of training does and when to choose it: in the file of the choice in English, beside the words of the screens in Chinese.
import { expect, test } from 'vitest'
import { choices } from '../engine/choices.ts'
import { trainingFields } from '../main/studio/training-fields.ts'
import { zhChoices } from '../renderer/words/zh-choices.ts'

/** Every choice of the training form, from the folders in which one file is one choice. */
const all = trainingFields.flatMap(({ key }) => (choices[key] ?? []).map((one) => ({ key: `${key}.${one.name}`, sentence: one.sentence })))

test('every choice of the training form says in one plain sentence or two what it does and when to choose it', () => {
  expect(all.length).toBeGreaterThanOrEqual(20)
  const unsaid = all.filter(({ sentence }) => !sentence || sentence.length < 40 || !/^[\p{L}(].*\.$/u.test(sentence))
  expect(unsaid).toEqual([])
  const long = all.filter(({ sentence = '' }) => sentence.length > 220).map(({ key }) => key)
  expect(long).toEqual([])
})

test('and says it in Chinese: renderer/words/zh-choices.ts', () => {
  expect(Object.keys(zhChoices).toSorted()).toEqual(all.map(({ key }) => key).toSorted())
  for (const words of Object.values(zhChoices)) expect(words).toMatch(/\p{Script=Han}.*。$/u)
})
