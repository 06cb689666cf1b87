import { expect, test } from 'vitest'
import recorded from './fixtures/grad-scaler.json' with { type: 'json' }
import { LossScaler } from './loss-scaler.ts'

test('the scale goes as that of torch.amp.GradScaler, over clean steps and such that overflow', () => {
  const scaler = new LossScaler()
  const changes: unknown[] = []
  const overflows = new Set(recorded.overflows)
  for (let step = 0; step < recorded.steps; step++) {
    const before = scaler.scale
    const gradient = Float32Array.of(before * 3, overflows.has(step) ? Infinity : -before)
    expect(scaler.unscale(gradient)).toBe(!overflows.has(step))
    expect(gradient[0]).toBe(3)
    if (scaler.scale !== before) changes.push({ step, scale: scaler.scale, clean: scaler.state[1] })
  }
  expect(changes).toEqual(recorded.changes)
  expect(scaler.skipped).toBe(recorded.overflows.length)
})

test('one that is filled from a checkpoint goes on as it was', () => {
  const [whole, first] = [new LossScaler(), new LossScaler()]
  const learn = (scaler: LossScaler, from: number, to: number): void => {
    for (let step = from; step < to; step++) scaler.update(step % 700 !== 0)
  }
  learn(whole, 0, 5000)
  learn(first, 0, 2500)
  const second = new LossScaler()
  second.state.set(first.state)
  learn(second, 2500, 5000)
  expect(second.state).toEqual(whole.state)
})
