import { expect, test } from 'vitest'
import { guidanceNow } from './usual-guidance.ts'

const alone = { cfg: 2, adapterGuidance: 0, guidanceStop: 1 }
const stacked = { cfg: 4, adapterGuidance: 3.25, guidanceStop: 1 }
const usual = { alone, stacked }

test('guidance follows the stack until a person chooses another, and only a change is told', () => {
  expect(guidanceNow(alone, usual, 'alone', 'stacked')).toEqual({ from: alone, to: stacked, now: 'stacked' })
  expect(guidanceNow(stacked, usual, 'stacked', 'alone')).toEqual({ from: stacked, to: alone, now: 'alone' })
  expect(guidanceNow({ ...alone, cfg: 3 }, usual, 'alone', 'stacked')).toBeUndefined()
  expect(guidanceNow(alone, { alone, stacked: alone }, 'alone', 'stacked')).toBeUndefined()
  expect(guidanceNow(alone, undefined, 'alone', 'stacked')).toBeUndefined()
})
