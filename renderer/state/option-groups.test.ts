import { expect, test } from 'vitest'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { amountFields, differs, otherGroups, saysAll, whatFields } from './option-groups.ts'

const trainingFields = fieldsOf(trainRequest).filter(({ group }) => group)
const keys = (fields: readonly { readonly key: string }[]) => fields.map(({ key }) => key)

test('every option stands in one place, and what a newcomer chooses is in the first two', () => {
  const [what, amount, groups] = [whatFields(trainingFields), amountFields(trainingFields), otherGroups(trainingFields)]
  const all = [...what, ...amount, ...groups.flatMap(({ fields }) => fields)]
  expect(keys(all).toSorted()).toEqual(keys(trainingFields).toSorted())
  expect(keys(what)).toEqual(expect.arrayContaining(['variant', 'trigger']))
  expect(keys(amount)).toEqual(expect.arrayContaining(['steps', 'rank', 'alpha', 'lr', 'batch', 'course']))
  const usual = ['network', 'course', 'pictures', 'captions', 'trigger', 'objective', 'noise', 'validation', 'machine']
  expect(groups.map(({ name }) => name).filter((name) => usual.includes(name))).toEqual(usual)
  expect(groups.at(-1)?.name).toBe('machine')
  // No tab is longer than a person looks through.
  expect(groups.filter(({ fields }) => fields.length > 16)).toEqual([])
})

test('an option is found by all words of a query, and differs by its value or by an option of its choice', () => {
  expect([saysAll('grad  NORM', ['Clip gradients at (max grad norm)']), saysAll('grad rank', ['Clip gradients'])]).toEqual([true, false])
  expect(differs('lr', { lr: 1 }, { lr: 1 })).toBe(false)
  expect(differs('lr', {}, { lr: 1 })).toBe(false)
  expect(differs('lr', { lr: 2 }, { lr: 1 })).toBe(true)
  expect(differs('optimizer', { optimizerOptions: { beta1: 0.8 } }, {})).toBe(true)
  expect(differs('optimizer', { optimizerOptions: {} }, {})).toBe(false)
})
