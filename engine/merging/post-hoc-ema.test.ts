import { expect, test } from 'vitest'
import { gammaOf, powerWeights, powerWeightsAt } from './post-hoc-ema.ts'

test('γ solves the paper’s equation, and its widths are the paper’s', () => {
  for (const width of [0.05, 0.1, 0.15, 0.2, 0.25]) {
    const gamma = gammaOf(width)
    // The width of t^γ on [0, 1], relative to its end.
    expect(Math.sqrt((gamma + 1) / ((gamma + 2) ** 2 * (gamma + 3)))).toBeCloseTo(width, 10)
  }
  // As they give them.
  expect(gammaOf(0.05)).toBeCloseTo(16.97, 2)
  expect(gammaOf(0.1)).toBeCloseTo(6.94, 2)
})

test('checkpoints count for as much as a mean that was moved on at each, and more the later they are', () => {
  const values = [3, -1, 4, 1, 5]
  const gamma = gammaOf(0.15)
  let mean = 0
  values.forEach((value, i) => {
    const beta = (1 - 1 / (i + 1)) ** (gamma + 1)
    mean = beta * mean + (1 - beta) * value
  })
  const weights = powerWeights(5, 0.15)
  expect(weights.reduce((sum, weight, i) => sum + weight * (values[i] ?? 0), 0)).toBeCloseTo(mean, 12)
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
  expect(weights).toEqual(weights.toSorted((a, b) => a - b))
})

test('a checkpoint that follows soon after the one before it counts for less: it stands for fewer steps', () => {
  const sum = (weights: readonly number[]): number => weights.reduce((all, weight) => all + weight, 0)
  const weights = powerWeightsAt([10, 20, 30, 40, 43], 0.1)
  expect(sum(weights)).toBeCloseTo(1, 12)
  // Of a mean over every single step, each of which has the weights of the next checkpoint.
  const fine = powerWeightsAt(Array.from({ length: 43 }, (_, i) => i + 1), 0.1) // prettier-ignore
  expect(weights[3]).toBeCloseTo(sum(fine.slice(30, 40)), 12)
  expect(weights[4]).toBeCloseTo(sum(fine.slice(40)), 12)
})
