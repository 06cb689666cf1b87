import { expect, test } from 'vitest'
import { Progress } from './progress.ts'

const step = (n: number) => ({ type: 'step', step: n, steps: 10, loss: 0.5, lr: 1e-4, rate: 2, eta: (10 - n) / 2, memory: 1.2e9 })

function watched(isTerminal: boolean) {
  let now = 0
  const written: string[] = []
  const progress = new Progress({ write: (text) => written.push(text), isTerminal, columns: 60 }, () => now)
  return { progress, written, wait: (ms: number) => (now += ms) }
}

test('a terminal gets one line that redraws itself and makes room for messages', () => {
  const { progress, written, wait } = watched(true)
  progress.show(step(5))
  progress.show(step(6)) // too soon to draw
  wait(200)
  progress.show({ type: 'warning', message: 'bad \x1b[31mpicture' })
  progress.show(step(10))
  progress.clear()
  expect(written).toEqual([
    '\r\x1b[2K[████████████░░░░░░░░░░░░]  step 5/10  loss 0.5000  lr 0.0001'.slice(0, 5 + 59),
    '\r\x1b[2K',
    'Warning: bad \\x1b[31mpicture\n',
    '\r\x1b[2K[████████████████████████]  step 10/10  loss 0.5000  lr 0.0001'.slice(0, 5 + 59),
    '\r\x1b[2K',
  ])
})

test('elsewhere a plain line now and then, and always the last', () => {
  const { progress, written, wait } = watched(false)
  for (let n = 1; n <= 10; n++) {
    progress.show(step(n))
    wait(1000)
  }
  expect(written).toEqual([
    'step 1/10  loss 0.5000  lr 0.0001  2 steps/s  ETA 0:05  1.2 GB\n',
    'step 6/10  loss 0.5000  lr 0.0001  2 steps/s  ETA 0:02  1.2 GB\n',
    'step 10/10  loss 0.5000  lr 0.0001  2 steps/s  ETA 0:00  1.2 GB\n',
  ])
})

test('what is fetched is told in bytes', () => {
  const { progress, written } = watched(false)
  progress.show({ type: 'transfer', label: 'painter', doneBytes: 2.5e9, totalBytes: 6.94e9, eta: 90 })
  expect(written).toEqual(['painter 2.5 GB/6.9 GB  ETA 1:30\n'])
})
