import { expect, test } from 'vitest'
import type { ConditionCard } from '../../main/api/methods/generate.ts'
import { givenIn, modeOf, pictureCards } from './draw-from.ts'

const card = (name: string, by: string, more: object = {}): ConditionCard => ({
  name,
  by,
  options: [{ key: by, kind: 'text', path: 'picture', description: '', ...more }] as never,
})
const cards: ConditionCard[] = [
  { ...card('larger', 'scale', { kind: 'number', path: undefined }), excludes: 'start' },
  card('over', 'start'),
  { ...card('part', 'where'), over: 'start' },
]

test('the picture and the mask are known by what they take, and each tab asks for its own', () => {
  expect([pictureCards(cards).start?.name, pictureCards(cards).mask?.name]).toEqual(['over', 'part'])
  const given = { start: 'a.png', where: 'm.png', strength: 0.5 }
  expect(givenIn('text', given, cards)).toEqual({ strength: 0.5 })
  expect(givenIn('image', given, cards)).toEqual({ start: 'a.png', strength: 0.5 })
  expect(givenIn('mask', given, cards)).toEqual(given)
  const forms: Record<string, string | number>[] = [{}, { start: 'a' }, given, { where: 'm' }]
  expect(forms.map((one) => modeOf(one, cards))).toEqual(['text', 'image', 'mask', 'text'])
  // Until it is known which there are nothing is held back.
  expect(givenIn('text', given, [])).toEqual(given)
})
