import { expect, test } from 'vitest'
import type { AdapterCard } from '../../main/api/methods/library.ts'
import type { GalleryPicture } from '../../main/api/methods/gallery.ts'
import { coverChoice } from './cover-choice.ts'

const card = (id: string, name = id) => ({ id, name }) as AdapterCard
const entry = (adapter: string, weight = 1, enabled = true) => ({ adapter, weight, enabled })
const picture = (stack: readonly ReturnType<typeof entry>[], names: readonly string[] = []) =>
  ({ form: { stack }, adapters: names.map((name) => ({ name, weight: 1 })) }) as unknown as GalleryPicture

test('a picture may be the cover of those that acted in it, by stack or by name; what was muted or at 0 stands with the others', () => {
  const cards = [card('a'), card('b', 'Ink Wash'), card('c'), card('d')]
  const { acted, others } = coverChoice(picture([entry('a'), entry('c', 0), entry('d', 1, false)], ['ink wash']), cards)
  expect([acted.map(({ id }) => id), others.map(({ id }) => id)]).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  expect(coverChoice(picture([entry('gone')]), cards).acted).toEqual([])
})
