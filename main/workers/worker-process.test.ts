import { expect, test } from 'vitest'
import type { LaunchWorker } from './channel.ts'
import { WorkerProcess } from './worker-process.ts'

/** Answers every call with its name, and counts how often it was started. */
function fakeWorkers(): { readonly launch: LaunchWorker; readonly starts: () => number } {
  let starts = 0
  const launch: LaunchWorker = () => {
    starts++
    let [hear, end] = [(_message: unknown): void => undefined, (_reason: string): void => undefined]
    return {
      pid: starts,
      send: (message) => {
        const { type, call, name } = message as { type: string; call: number; name: string }
        if (type === 'call') queueMicrotask(() => hear({ type: 'value', call, value: name }))
      },
      onMessage: (listener) => void (hear = listener),
      onExit: (listener) => void (end = listener),
      kill: () => end('killed'),
    }
  }
  return { launch, starts: () => starts }
}

test('a worker that was killed starts again with the next call; one that was stopped does not', async () => {
  const { launch, starts } = fakeWorkers()
  const worker = new WorkerProcess('tools', launch)
  expect(await worker.call('first', {})).toBe('first')
  worker.kill()
  expect(await worker.call('second', {})).toBe('second')
  expect(starts()).toBe(2)
  worker.stop()
  await expect(worker.call('third', {})).rejects.toMatchObject({ code: 'worker-died' })
  expect(starts()).toBe(2)
})
