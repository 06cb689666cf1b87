import { expect, test } from 'vitest'
import { knownLicences } from '../main/fetching/licences.ts'
import { starters } from '../main/fetching/starters.ts'
import { en } from '../renderer/words/en.ts'
import { zhLicences } from '../renderer/words/zh-licences.ts'

test('every licence of the short list is known, and its words are there in Chinese too', () => {
  expect(Object.keys(zhLicences).sort()).toEqual([...knownLicences].sort())
  for (const { id, licence } of starters('https://hub.example'))
    expect([id, knownLicences.includes(licence.id ?? ''), `get.for.${id}` in en]).toEqual([id, true, true])
})
