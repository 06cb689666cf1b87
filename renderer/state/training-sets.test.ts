import { expect, test, vi } from 'vitest'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { pictureSet } from '../../engine/requests/picture-sets.ts'
import type { AllSets } from './training-sets.ts'

vi.stubGlobal('$state', <T>(value: T) => value)
const { canLead, inSight, lean, moved, setProblems, without, withOption } = await import('./training-sets.ts')

const fields = fieldsOf(pictureSet.omit({ folder: true }))
const sets: AllSets = { dataset: 'a', repeats: 3, further: [{ folder: 'b' }, { folder: 'c', weight: 0.5 }, { folder: 'd', repeats: 2 }] }
const order = (all: AllSets | undefined) => all && [all.dataset, ...all.further.map(({ folder }) => folder)]

test('sets change places, the first by its repeats too; one with settings of its own is never the first', () => {
  expect(moved(sets, 0, 1)).toEqual({ dataset: 'b', repeats: 1, further: [{ folder: 'a', repeats: 3 }, ...sets.further.slice(1)] })
  expect(moved(sets, 1, -1)).toEqual(moved(sets, 0, 1))
  expect(order(moved(sets, 2, 1))).toEqual(['a', 'b', 'd', 'c'])
  expect(order(moved(sets, 3, -1))).toEqual(['a', 'b', 'd', 'c'])
  expect([moved(sets, 0, -1), moved(sets, 3, 1)]).toEqual([undefined, undefined])
  const own: AllSets = { ...sets, further: sets.further.slice(1) }
  expect([moved(own, 0, 1), moved(own, 1, -1), canLead(own.further[0]), canLead(undefined)]).toEqual([undefined, undefined, false, false])
  // Back and forth is as before.
  const there = moved(sets, 0, 1)
  expect(there && moved(there, 1, -1)).toEqual(sets)
})

test('one goes, and in place of the first comes the next that may be it', () => {
  expect(order(without(sets, 2))).toEqual(['a', 'b', 'd'])
  expect(order(without(sets, 0))).toEqual(['b', 'c', 'd'])
  expect(without({ ...sets, further: sets.further.slice(1) }, 0)).toEqual({ dataset: 'd', repeats: 2, further: [sets.further[1]] })
  expect(without({ ...sets, further: [{ folder: 'c', weight: 0.5 }] }, 0)).toBeUndefined()
})

test('an option is told where it differs from what the set would have anyway, and a set of a run is said as short as it can be', () => {
  expect(withOption({ folder: 'b', weight: 2 }, 'weight', 1, 1)).toEqual({ folder: 'b' })
  expect(withOption({ folder: 'b' }, 'flip', true, false)).toEqual({ folder: 'b', flip: true })
  expect(lean(pictureSet.parse({ folder: 'b', repeats: 4 }), fields)).toEqual({ folder: 'b', repeats: 4 })
  expect(inSight.filter((key) => !fields.some((field) => field.key === key))).toEqual([])
})

test('what does not fit is told with the name of its set, and optional fields may be empty', () => {
  expect(setProblems([{ folder: 'b' }], fields, () => 'B')).toEqual([])
  const [repeats, size, ...others] = setProblems([{ folder: 'b', repeats: 0, resolution: 7 }], fields, () => 'B')
  expect([repeats?.key, repeats?.text, size?.key, others]).toEqual(['sets-0-repeats', 'B · Repeats: 1 to 10,000', 'sets-0-resolution', []])
})
