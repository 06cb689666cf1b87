import { expect, test } from 'vitest'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { offerOf } from './offer.ts'

const fields = fieldsOf(trainRequest)
const alpha = fields.find(({ key }) => key === 'alpha') ?? { key: 'alpha' }
const offered = (rank: unknown, now: unknown, drawn = fields) => offerOf(alpha, drawn, (key) => ({ rank, alpha: now })[key])

test('twice the rank is offered beside alpha, unless alpha is that already', () => {
  expect(offered(16, 16)).toEqual({ times: 2, of: 'rank', value: 32 })
  expect(offered(24, NaN)).toEqual({ times: 2, of: 'rank', value: 48 })
  expect(offered(16, 32)).toBeUndefined()
})

test('nothing is offered where the rank is being typed, or is not drawn', () => {
  expect(offered(NaN, 16)).toBeUndefined()
  expect(
    offered(
      16,
      16,
      fields.filter(({ key }) => key !== 'rank'),
    ),
  ).toBeUndefined()
})

test('a field without an offer has none', () => {
  expect(offerOf({ key: 'rank' }, fields, () => 16)).toBeUndefined()
})
