import { expect, test } from 'vitest'
import { diffusion } from '../processes/diffusion.ts'
import { trainRequest } from '../requests/train.ts'
import { trainingRules } from '../training-rules.ts'
import { usualSchedule } from './prediction.ts'
import { withZeroTerminalSnr } from './zero-terminal-snr.ts'

test('the last timestep is noise alone, the first what it was, and drawing begins at the last', () => {
  const plain = usualSchedule('v_prediction', false, 'leading')
  const { schedule } = withZeroTerminalSnr({ path: '/models/base', schedule: plain })
  const [before, after] = [diffusion(plain), diffusion(schedule)]
  expect([before.snr(999) > 0.004, after.snr(999), after.snr(0)]).toEqual([true, 0, before.snr(0)])
  expect(after.asked.timestepSpacing).toBe('trailing')
  // Lin et al. 2023, Algorithm 1, by a plain loop: √ᾱ is shifted and stretched.
  const root = (timestep: number): number => before.levelAt(timestep).alpha
  for (const timestep of [1, 250, 700, 998]) {
    const expected = ((root(timestep) - root(999)) * root(0)) / (root(0) - root(999))
    expect(after.levelAt(timestep).alpha).toBeCloseTo(expected, 12)
  }
})

test('of ε it is refused, by the model and before one is opened', () => {
  const epsilon = { path: '/models/base', schedule: usualSchedule('epsilon', false) }
  expect(() => withZeroTerminalSnr(epsilon)).toThrow('"/models/base" is to predict ε')
  const rules = (given: object) => () => trainingRules.forEach((rule) => rule(trainRequest.parse({ dataset: '/set', ...given })))
  expect(rules({ zeroTerminalSnr: true, prediction: 'epsilon' })).toThrow('--prediction v_prediction')
  expect(rules({ zeroTerminalSnr: true, prediction: 'v_prediction' })).not.toThrow()
  expect(rules({ zeroTerminalSnr: true })).not.toThrow()
})
