import { expect, test } from 'vitest'
import { Timeline } from './timeline.ts'

test('steps are taken back in turn and done again, until something else is done', () => {
  const timeline = new Timeline()
  let word = ''
  const write = (next: string): void => {
    const before = word
    word = next
    timeline.did({ back: () => (word = before), again: () => (word = next) })
  }
  for (const next of ['a', 'ab', 'abc']) write(next)
  expect([timeline.undo(), timeline.undo(), word]).toEqual([true, true, 'a'])
  expect([timeline.redo(), word]).toEqual([true, 'ab'])
  write('x')
  expect([timeline.redo(), word]).toEqual([false, 'x'])
  expect([timeline.undo(), timeline.undo(), timeline.undo(), timeline.undo(), word]).toEqual([true, true, true, false, ''])
})

test('what was not done after all is no step', () => {
  const timeline = new Timeline()
  const seen: string[] = []
  const step = (name: string) => ({ back: () => seen.push(name), again: () => undefined })
  const failed = step('failed')
  timeline.did(step('first'))
  timeline.did(failed)
  timeline.forget(failed)
  expect([timeline.undo(), timeline.undo(), seen]).toEqual([true, false, ['first']])
})
