import { expect, test } from 'vitest'
import { libraryEntry, noFacts, type LibraryEntry } from './adapter-entry.ts'
import { placeKey, type SeenAdapter } from './adapter-folder.ts'
import { followAdapters, unknownFiles } from './follow-adapters.ts'

/** `name: content`, in a state that its content names. */
const entry = (file: string, content: string, more: Partial<LibraryEntry> = {}): LibraryEntry =>
  libraryEntry.parse({ id: `${file}-${content}`, file, source: 'imported', at: 0, facts: noFacts, stamp: content, content, ...more })
const file = (name: string, content: string, root = ''): SeenAdapter => ({
  ...{ root, file: name, path: name, stamp: content, bytes: 1, touched: 0, beside: [], besideStamp: '' },
})

function follow(entries: readonly LibraryEntry[], seen: readonly SeenAdapter[], { roots = [''], busy = [] as string[] } = {}) {
  const sight = { entries, seen, roots: new Set(roots), busy: new Set(busy.map((name) => placeKey({ root: '', file: name }))) }
  const contents = new Map(unknownFiles(sight).map((one) => [placeKey(one), one.stamp]))
  const { here, fresh, gone, dropped } = followAdapters(sight, contents)
  return {
    here: here.map((one) => `${one.entry.file} → ${one.file.file}`).sort(),
    fresh: fresh.map((one) => one.file),
    gone: gone.map((one) => one.file),
    dropped: dropped.map((one) => one.file),
  }
}

const none = { fresh: [], gone: [], dropped: [] }

test('what is as it was is not read, and what is new is', () => {
  const sight = { entries: [entry('a', '1')], seen: [file('a', '1'), file('b', '2')], roots: new Set(['']), busy: new Set<string>() }
  expect(unknownFiles(sight).map((one) => one.file)).toEqual(['b'])
  expect(follow([entry('a', '1')], [file('a', '1'), file('b', '2')])).toEqual({ ...none, here: ['a → a'], fresh: ['b'] })
})

test('a file is followed by what it holds: renamed, moved, over another one, and two that change names', () => {
  expect(follow([entry('a', '1')], [file('sub/b', '1')])).toEqual({ ...none, here: ['a → sub/b'] })
  expect(follow([entry('a', '1'), entry('b', '2')], [file('b', '1')])).toEqual({ ...none, here: ['a → b'], gone: ['b'] })
  expect(follow([entry('a', '1'), entry('b', '2')], [file('a', '2'), file('b', '1')])).toEqual({ ...none, here: ['a → b', 'b → a'] })
})

test('what is replaced in its place is the same entry', () => {
  expect(follow([entry('a', '1')], [file('a', '2')])).toEqual({ ...none, here: ['a → a'] })
})

test('what was taken away comes back to its words, whatever it is called by then', () => {
  expect(follow([entry('a', '1', { gone: true, notes: 'mine' })], [file('b', '1')])).toEqual({ ...none, here: ['a → b'] })
  expect(follow([entry('a', '1', { gone: true })], [file('a', '1')])).toEqual({ ...none, here: ['a → a'] })
})

test('copied first and removed then: the words go to the copy, unless somebody wrote about that too', () => {
  const [first, copy] = [entry('a', '1', { rating: 5 }), entry('b', '1')]
  expect(follow([first, copy], [file('b', '1')])).toEqual({ ...none, here: ['a → b'], dropped: ['b'] })
  expect(follow([first, { ...copy, notes: 'mine' }], [file('b', '1')])).toEqual({ ...none, here: ['b → b'], gone: ['a'] })
})

test('a copy beside it is an entry of its own', () => {
  expect(follow([entry('a', '1')], [file('a', '1'), file('b', '1')])).toEqual({ ...none, here: ['a → a'], fresh: ['b'] })
})

test('of a folder that cannot be read nothing is gone, and nothing of it is moved', () => {
  expect(follow([entry('a', '1', { root: '/usb' })], [file('b', '1')])).toEqual({ ...none, here: [], fresh: ['b'] })
})

test('what is still being written is as it was', () => {
  expect(follow([entry('a', '1')], [file('a', '2'), file('b', '3')], { busy: ['a', 'b'] })).toEqual({ ...none, here: [] })
})
