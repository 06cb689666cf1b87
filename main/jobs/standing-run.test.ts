import { expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import type { JobEvent } from '../api/topics.ts'
import { StandingRun } from './standing-run.ts'

function standing(signal = new AbortController().signal) {
  const told: JobEvent[] = []
  const turn = {
    pausable: () => undefined,
    standStill: async () => undefined,
    alone: async () => undefined,
    awaited: () => false,
    atOnce: signal,
  }
  const job = { on: 'here' } as never
  const run = new StandingRun({ job, turn, signal, tell: (event) => void told.push(event) }, { call: () => undefined, offer: async () => undefined }) // prettier-ignore
  return { run, told }
}
const failing = (...codes: readonly string[]) => {
  const left = [...codes]
  return (): Promise<string> => {
    const code = left.shift()
    return code === undefined ? Promise.resolve('done') : Promise.reject(new PigmentError(code, `It is ${code}.`, { file: 'unet' }))
  }
}

test('a model that changed meanwhile sends the run back to its checkpoint, which says whether it is still the same', async () => {
  const { run, told } = standing()
  expect(await run.orAgain(failing('model-changed'))).toBe('done')
  expect(told).toEqual([{ type: 'warning', code: 'model-changed', message: 'It is model-changed.', facts: { file: 'unet' } }])
  await expect(run.orAgain(failing('model-changed', 'resume-mismatch'))).rejects.toMatchObject({ code: 'resume-mismatch' })
  await expect(run.orAgain(failing('loss-nan'))).rejects.toMatchObject({ code: 'loss-nan' })
})

test('a pause before the first step says that nothing is kept; one that is given up, or after it, does not', async () => {
  const paused = AbortSignal.abort()
  await expect(standing(paused).run.orAgain(failing('cancelled'))).rejects.toMatchObject({ code: 'paused-preparing' })
  await expect(standing(AbortSignal.abort('at-once')).run.orAgain(failing('cancelled'))).rejects.toMatchObject({ code: 'cancelled' })
  const { run } = standing(paused)
  run.hear({ type: 'start', step: 0, steps: 2, trainable: 1, total: 1, pictures: 1 })
  await expect(run.orAgain(failing('cancelled'))).rejects.toMatchObject({ code: 'cancelled' })
})
