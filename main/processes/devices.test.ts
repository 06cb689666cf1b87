import { expect, test } from 'vitest'
import type { Provider } from '../../engine/runtime/session.ts'
import type { LaunchWorker, Request } from './channel.ts'
import { Devices } from './devices.ts'

type Answer = 'passes' | 'crashes' | 'absent'

/** Processes whose drivers do as they are told. */
function machine(answers: Partial<Record<Provider, Answer>>) {
  const asked: string[] = []
  let [started, living] = [0, 0]
  const launch: LaunchWorker = (role) => {
    const listeners = { message: [] as ((message: unknown) => void)[], exit: [] as ((reason: string) => void)[] }
    const die = (reason: string): void => {
      living--
      for (const listener of listeners.exit.splice(0)) listener(reason)
    }
    const process = ++started
    living++
    return {
      pid: process,
      send(message) {
        const { call, input } = message as Extract<Request, { type: 'call' }>
        const provider = input as Provider
        asked.push(`${role} ${process}: ${provider}`)
        const answer = answers[provider] ?? 'absent'
        const event = { provider, available: answer !== 'absent', passed: answer === 'passes', speedup: 4, precisions: ['fp16'] }
        queueMicrotask(() => {
          if (answer === 'crashes') return die('signal SIGSEGV')
          for (const listener of listeners.message) listener({ type: 'event', call, event })
        })
      },
      onMessage: (listener) => void listeners.message.push(listener),
      onExit: (listener) => void listeners.exit.push(listener),
      kill: () => queueMicrotask(() => die('signal SIGKILL')),
    }
  }
  return { devices: new Devices(launch), asked, living: () => living }
}

test('every device is tested once, in a process that ends; one that takes it down is broken and leaves the others alone', async () => {
  const { devices, asked, living } = machine({ cuda: 'crashes', webgpu: 'passes', cpu: 'passes' })
  const [chosen, reports] = await Promise.all([devices.choose('auto'), devices.reports()])
  expect(chosen.provider).toBe('webgpu')
  expect(reports.map(({ provider, passed, broken = false }) => [provider, passed, broken])).toEqual([
    ['cuda', false, true],
    ['dml', false, false],
    ['coreml', false, false],
    ['webgpu', true, false],
    ['cpu', true, false],
  ])
  expect(reports[0]?.reason).toMatchObject({ code: 'device-process-ended', facts: { reason: 'signal SIGSEGV' } })
  expect(asked).toEqual(['devices 1: cuda', 'devices 2: dml', 'devices 2: coreml', 'devices 2: webgpu', 'devices 3: cpu'])
  await Promise.resolve()
  expect(living()).toBe(0)
})

test('a device that a person insists on gets another try, and no other does', async () => {
  const answers: Partial<Record<Provider, Answer>> = { cuda: 'crashes' }
  const { devices } = machine(answers)
  await expect(devices.choose('cuda')).rejects.toMatchObject({ code: 'provider-unusable' })
  answers.cuda = 'passes'
  expect(await devices.choose('auto')).toMatchObject({ provider: 'cpu' })
  expect(await devices.choose('cuda')).toEqual({ provider: 'cuda', skipped: [], precisions: ['fp16'] })
})

test('the CPU needs no test, and closing ends the wait', async () => {
  const { devices, asked } = machine({ cuda: 'passes' })
  expect(await devices.choose('cpu')).toEqual({ provider: 'cpu', skipped: [] })
  expect(asked).toEqual([])
  const waiting = devices.choose('auto')
  devices.close()
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
})

test('what would be chosen is foretold without a test, once every device has had its own or one is named', async () => {
  const { devices, asked } = machine({ cuda: 'passes' })
  expect(await devices.foreseen('auto')).toBeUndefined()
  expect(await devices.foreseen('cuda')).toMatchObject({ provider: 'cuda' })
  expect(asked).toEqual([])
  await devices.reports()
  expect(await devices.foreseen('auto')).toMatchObject({ provider: 'cuda', precisions: ['fp16'] })
  devices.close()
})
