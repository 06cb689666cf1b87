import { expect, test } from 'vitest'
import { recommend } from './recommend.ts'

/** A loss every 50 steps, the first before training. */
const run = (losses: readonly number[], forgetting?: readonly number[]) =>
  recommend({
    points: losses.map((heldOut, i) => ({ step: 50 * i, heldOut, trained: heldOut / (1 + i) })),
    ...(forgetting ? { forgetting: forgetting.map((features, i) => ({ step: 50 * i, features })) } : {}),
  })
const said = (...given: Parameters<typeof run>) => {
  const found = run(...given)
  return found && [found.step, found.reason.code]
}

test('where pictures are known by heart later on, the best before is taken, and it is said why', () => {
  const found = run([1, 0.7, 0.5, 0.45, 0.52, 0.6, 0.75, 0.9])
  expect(found).toMatchObject({ step: 150, last: 350, heldOut: 0.45, heldOutLast: 0.9, heldOutBefore: 1 })
  expect(found?.reason.message).toBe('Step 150: best on held-out pictures; later ones copy.')
})

test('one lucky measurement decides nothing', () => {
  expect(said([1, 0.8, 0.6, 0.5, 0.48, 0.5, 0.6, 0.44, 0.7, 0.8])?.[0]).toBe(200)
})

test('curves that fall, level out, or never come below the model alone are told apart', () => {
  expect(said([1, 0.9, 0.8, 0.7, 0.6, 0.5])).toEqual([250, 'recommend-longer'])
  expect(said([1, 0.7, 0.55, 0.501, 0.5, 0.5, 0.5, 0.5])).toEqual([150, 'recommend-enough'])
  expect(said([1, 1.1, 1.2, 1.3])).toEqual([50, 'recommend-none'])
  expect(said([1, 0.5])).toEqual([50, 'recommend-last'])
  expect(run([1])).toBeUndefined()
  expect(run([])).toBeUndefined()
})

test('of steps that are as good, the one that forgot least is taken, or else the earliest', () => {
  const flat = [1, 0.6, 0.5, 0.5, 0.5, 0.5]
  expect(said(flat)?.[0]).toBe(150)
  expect(said(flat, [0, 0.3, 0.3, 0.2, 0.1, 0.2])?.[0]).toBe(200)
})
