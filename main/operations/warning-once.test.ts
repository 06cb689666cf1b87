import { expect, test } from 'vitest'
import { warningOnce } from './warning-once.ts'

test('a warning goes through once, everything else each time', () => {
  const events: unknown[] = []
  const { emit } = warningOnce({ emit: (event: unknown) => void events.push(event) })
  const [a, b, step] = [
    { type: 'warning', message: 'a' },
    { type: 'warning', message: 'b' },
    { type: 'step', step: 1 },
  ]
  for (const event of [a, step, a, b, step, a]) emit(event)
  expect(events).toEqual([a, step, b, step])
})
