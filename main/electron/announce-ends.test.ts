// Progress at the taskbar, and a notification when a job ended while the person looks elsewhere.
import { beforeEach, expect, test } from 'vitest'
import type { JobState, JobSummary } from '../api/methods/jobs.ts'
import type { Envelope, Reply } from '../api/transport.ts'
import { announceEnds } from './announce-ends.ts'
import type { Electron, Window } from './electron-api.ts'

let hear: (envelope: Envelope) => void
let bars: number[]
let notes: { title: string; body: string }[]
let click: () => void
let focused: boolean
let brought: string[]
let wanted: boolean

beforeEach(() => {
  ;[bars, notes, brought, focused, wanted] = [[], [], [], false, true]
  const notification = Object.assign(
    function (note: { title: string; body: string }) {
      return { show: () => void notes.push(note), on: (_event: 'click', listener: () => void) => void (click = listener) }
    },
    { isSupported: () => true },
  )
  const window = {
    setProgressBar: (share: number) => void bars.push(share),
    isFocused: () => focused,
    show: () => brought.push('show'),
    focus: () => brought.push('focus'),
  }
  const settings = (): Promise<Reply> => Promise.resolve({ ok: true, value: { notifications: wanted } })
  announceEnds(
    { Notification: notification } as unknown as Pick<Electron, 'Notification'>,
    { listen: (listener) => ((hear = listener), () => undefined), invoke: settings },
    () => window as unknown as Window,
  )
})

function tell(id: string, state: JobState, step = 0, more: Partial<JobSummary> = {}): void {
  const job = { id, title: `Job ${id}`, state, step, steps: 10, ...more }
  hear({ topic: 'jobs', sequence: 0, payload: { job } } as Envelope)
}
const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

test('the bar follows what runs, is not disturbed by what waits, and goes when it ends', () => {
  tell('a', 'queued')
  tell('a', 'running', 2)
  tell('b', 'queued')
  tell('a', 'running', 5)
  tell('a', 'done', 10)
  tell('b', 'running', 1)
  expect(bars).toEqual([0.2, 0.5, -1, 0.1])
})

test('an end is told once, with its reason, and only to who looks elsewhere and wants it', async () => {
  tell('a', 'running', 2)
  tell('a', 'done', 10)
  tell('a', 'done', 10)
  tell('b', 'failed', 3, { error: { code: 'disk-full', message: 'The disk is full.', facts: {} } })
  tell('c', 'cancelled')
  await settled()
  expect(notes).toEqual([
    { title: '✓ Job a', body: '' },
    { title: '✕ Job b', body: 'The disk is full.' },
  ])

  click()
  expect(brought).toEqual(['show', 'focus'])

  focused = true
  tell('d', 'done')
  ;[focused, wanted] = [false, false]
  tell('e', 'done')
  await settled()
  expect(notes).toHaveLength(2)
})
