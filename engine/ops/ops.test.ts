import { describe, expect, it } from 'vitest'
import { knownOps } from '../graph/op.ts'
import { casesOf } from './testing-cases.ts'
import { gradientError } from './testing-gradient.ts'
import './index.ts'

describe('gradients against central differences', () => {
  for (const op of knownOps()) {
    if ('none' in op.gradient) {
      const { none } = op.gradient
      it(`${op.name} states why it has no gradient`, () => expect(none).toMatch(/^[A-Z].{20,}\.$/))
      continue
    }
    it(op.name, async () => {
      const found = casesOf(op.name)
      expect(found, `engine/ops/testing-cases.ts has no case for ${op.name}`).not.toEqual([])
      for (const item of found) expect(await gradientError(item)).toBeLessThan(3e-3)
    })
  }
})
