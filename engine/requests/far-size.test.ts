import { expect, test } from 'vitest'
import { isFarSize, nearSize } from './far-size.ts'

test('the size offered in place of a far one has its proportions, is near the model and fits its steps', () => {
  for (const [side, width, height, step] of [
    [64, 512, 512, 16],
    [64, 16, 32, 16],
    [512, 3072, 1024, 8],
    [1024, 64, 512, 8],
  ] as const) {
    expect(isFarSize(side, width, height)).toBe(true)
    const near = nearSize(side, width, height, step)
    expect([isFarSize(side, near.width, near.height), near.width % step, near.height % step]).toEqual([false, 0, 0])
    expect(Math.abs(Math.log(near.width / near.height / (width / height)))).toBeLessThan(0.2)
  }
})
