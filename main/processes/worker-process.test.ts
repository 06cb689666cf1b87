import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LaunchWorker } from './channel.ts'
import { WorkerProcess } from './worker-process.ts'

/** What the tests ask for; none of it is done. */
type Asked = Record<'first' | 'second' | 'third' | 'recall' | 'machine' | 'train', (input: object) => string>

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
  const worker = new WorkerProcess<Asked>('tools', launch)
  expect(await worker.call('first', {})).toBe('first')
  worker.kill()
  expect(await worker.call('second', {})).toBe('second')
  expect(starts()).toBe(2)
  worker.stop()
  await expect(worker.call('third', {})).rejects.toMatchObject({ code: 'worker-died' })
  expect(starts()).toBe(2)
})

test('one that is to be another process is it with the next call, or behind the calls that are under way', async () => {
  const { launch, starts } = fakeWorkers()
  const worker = new WorkerProcess<Asked>('tools', launch)
  await worker.call('first', {})
  worker.renew()
  expect(await worker.call('second', {})).toBe('second')
  expect(starts()).toBe(2)
  const [busy, beside] = [worker.call('train', {}), worker.call('machine', {})]
  worker.renew()
  expect(await Promise.all([busy, beside])).toEqual(['train', 'machine'])
  expect(starts()).toBe(2)
  await worker.call('third', {})
  expect(starts()).toBe(3)
})

describe('a process that does not answer', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Hears what it is told, says only what the test has it say, and never dies of itself: not even of being killed. */
  function mute() {
    const started: { told: unknown[]; killed: boolean; say: (message: unknown) => void }[] = []
    const launch: LaunchWorker = () => {
      const one = { told: [] as unknown[], killed: false, say: (_message: unknown): void => undefined }
      started.push(one)
      return {
        pid: started.length,
        send: (message) => void one.told.push(message),
        onMessage: (listener) => void (one.say = listener),
        onExit: () => undefined,
        kill: () => void (one.killed = true),
      }
    }
    const states: string[] = []
    const worker = new WorkerProcess<Asked>(
      'tools',
      launch,
      (state, restarts, error) => void states.push([state, restarts, error?.code].join(' ')),
    )
    return { worker, started, states }
  }
  /** How a call stands. */
  function watch(call: Promise<unknown>): () => string {
    let now = 'waits'
    call.then(
      (value) => (now = String(value)),
      ({ code, message }: { code: string; message: string }) => (now = `${code}: ${message}`),
    )
    return () => now
  }
  const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds)

  test('is ended and replaced, with a reason for each call', async () => {
    const { worker, started, states } = mute()
    const [stuck, other] = [watch(worker.call('recall', {})), watch(worker.call('machine', {}, { patience: 500_000 }))]
    await pass(119_000)
    expect([stuck(), other(), started[0]?.killed]).toEqual(['waits', 'waits', false])
    await pass(2000)
    expect(stuck()).toBe('worker-silent: The process that computes said nothing for 120 seconds, and was ended. It starts again by itself.')
    expect([other().split(':')[0], started[0]?.killed]).toEqual(['worker-died', true])
    expect(states).toEqual(['starting 0 ', 'crashed 0 worker-silent'])

    const next = watch(worker.call('machine', {}))
    started[1]?.say({ type: 'value', call: 2, value: 'answered' })
    // What the old one says after all is of no use to anybody.
    started[0]?.say({ type: 'value', call: 2, value: 'late' })
    await pass(0)
    expect([next(), started.length]).toEqual(['answered', 2])
  })

  test('is waited for as long as it tells something, or has said that it will be long', async () => {
    const { worker, started } = mute()
    const { done, grant } = worker.start('train', {}, { patience: 10_000 })
    const call = watch(done)
    for (let i = 0; i < 20; i++) {
      await pass(9000)
      started[0]?.say({ type: 'event', call: 0, event: {} })
    }
    grant(60_000)
    await pass(59_000)
    expect(call()).toBe('waits')
    started[0]?.say({ type: 'event', call: 0, event: {} })
    await pass(10_000)
    expect(call()).toContain('said nothing for 10 seconds')
  })

  test('and is asked to stop at once has five seconds, also where it goes on as if nobody had asked', async () => {
    const { worker, started } = mute()
    const controller = new AbortController()
    const { done, grant } = worker.start('train', {}, { signal: controller.signal })
    const call = watch(done)
    controller.abort('at-once')
    grant(60_000)
    for (let i = 0; i < 4; i++) {
      await pass(1200)
      expect(call()).toBe('waits')
      started[0]?.say({ type: 'event', call: 0, event: {} })
    }
    await pass(300)
    expect(call()).toContain('did not stop within 5 seconds')
  })

  test('and is asked to stop has five seconds, or as long as its own pace needs where it has something to save', async () => {
    for (const [reason, seconds] of [
      ['at-once', 5],
      [undefined, 16],
    ] as const) {
      const { worker, started } = mute()
      const controller = new AbortController()
      const call = watch(worker.call('train', {}, { signal: controller.signal }))
      await pass(8000)
      started[0]?.say({ type: 'event', call: 0, event: {} })
      controller.abort(reason)
      expect(started[0]?.told.at(-1)).toEqual({ type: 'abort', call: 0 })
      await pass(seconds * 1000 - 100)
      expect(call()).toBe('waits')
      await pass(200)
      expect(call()).toBe(
        `worker-silent: The process that computes did not stop within ${seconds} seconds, and was ended. It starts again by itself.`,
      )
    }
  })
})
