import { expect, test } from 'vitest'
import { stepClock } from './step-clock.ts'

test('a slow first step and a pause for a sample do not make the time left unbelievable', () => {
  let at = 0
  const clock = stepClock(100, () => at)
  const after = (milliseconds: number) => {
    at += milliseconds
    return clock()
  }
  expect(after(20_000)).toEqual({ rate: 0.05, eta: 1980 })
  expect(after(500)).toEqual({ rate: 2, eta: 49 })
  after(500)
  // A sample was drawn.
  expect(after(9000)).toEqual({ rate: 2, eta: 48 })
  for (let i = 4; i < 99; i++) after(500)
  expect(after(500)).toEqual({ rate: 2, eta: 0 })
})
