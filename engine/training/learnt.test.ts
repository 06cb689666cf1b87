import { expect, test } from 'vitest'
import type { Adapter } from '../adapters/adapter.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import type { TrainEvent } from '../requests/train-events.ts'
import type { Plan, Trainable } from './plan.ts'
import { unchangedLayers, watchedLearning } from './learnt.ts'

/** Pairs of rank 1 on layers of one number. */
const adapter = (...ups: number[]): Adapter => ({
  name: 'x',
  modules: ups.map((up, i) => {
    const value = (of: number) => ({ shape: [1, 1], data: Float32Array.of(of) })
    return loraModule({ component: 'unet', path: `layer${i}` }, { down: value(0.5), up: value(up), alpha: 1 })
  }),
  metadata: {},
  skipped: [],
})
const members = [{ index: 0, seed: 0 }]
const trainable = (name: string, value: number): Trainable => ({ name, shape: [1], start: () => Float32Array.of(value) })

/** θ: down and up of each layer; `from` is where the up sides began. */
async function told(ups: readonly number[], from: readonly number[] = [0, 0], down = 0.5) {
  const plan: Plan<Adapter> = {
    trainables: from.flatMap((up, i) => [trainable(`down${i}`, 0.5), trainable(`up${i}`, up)]),
    result: ([only]) => adapter(...from.map((_, i) => only?.theta[`up${i}`]?.data[0] ?? NaN)),
  }
  const theta = Float32Array.from(ups.flatMap((up) => [down, up]))
  async function* loop(): AsyncGenerator<TrainEvent, Adapter> {
    for (const step of [1, 2, 3]) yield { type: 'checkpoint', step, path: '' }
    return adapter(...theta.filter((_, i) => i % 2 === 1))
  }
  const codes: string[] = []
  const run = watchedLearning(loop(), { plan, members, theta, request: { lr: 1e-9, steps: 3 } })
  const end = await (async () => {
    for (;;) {
      const { value, done } = await run.next()
      if (done) return 'done'
      if (value.type === 'warning') codes.push(value.code)
    }
  })().catch((error: unknown) => (error as { code: string }).code)
  return [...codes, end]
}

test('a run that learns nothing is warned at its first checkpoint and refused at its end; layers that learn nothing are told', async () => {
  expect(await told([0, 0])).toEqual(['save-nothing-learnt', 'save-nothing-learnt'])
  expect(await told([0, 0.1])).toEqual(['save-layers-unchanged', 'done'])
  expect(await told([0.1, 0.1])).toEqual(['done'])
  // Decay moves the sides that began as something, and the model not at all.
  expect(await told([0, 0], [0, 0], 0.4)).toEqual(['save-nothing-learnt', 'save-nothing-learnt'])
  // On from an adapter: it is the change since then that counts.
  expect(await told([0.25, 0.5], [0.25, 0.5])).toEqual(['save-nothing-learnt', 'save-nothing-learnt'])
  expect(await told([0.25, 0.5], [0.25, 0.75])).toEqual(['save-layers-unchanged', 'done'])
})

test('layers that were let go of are not told', () => {
  expect(unchangedLayers({ modules: adapter(0.1, 0).modules.slice(0, 1) }, adapter(0, 0))).toEqual([])
  expect(unchangedLayers(adapter(0.1, 0), adapter(0, 0))).toEqual(['unet.layer1'])
})
