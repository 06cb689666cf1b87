import { because } from '../requests/reason.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkProviders, chooseProvider, forkTest, runApart, type ProviderReport, type SelfTest } from './providers.ts'
import type { Provider } from './session.ts'

/** Providers that answer as told; those not named are not on this platform. */
function machine(answers: Partial<Record<Provider, Partial<ProviderReport>>>): SelfTest {
  return (provider) => Promise.resolve({ provider, available: answers[provider] !== undefined, passed: false, ...answers[provider] })
}
const wrong = {
  broken: true,
  error: 0.3,
  reason: because('device-differs', "Its answer differs from the CPU's by {error} (allowed: {limit}).", { error: '3.0e-1', limit: 0.01 }),
}

describe('auto', () => {
  test('takes the first that passes', async () => {
    const answers = { cuda: { passed: true, speedup: 20 }, webgpu: { passed: true, speedup: 10 } }
    expect(await chooseProvider('auto', machine(answers))).toEqual({ provider: 'cuda', skipped: [] })
  })

  test('skips a broken one and says why', async () => {
    const chosen = await chooseProvider('auto', machine({ cuda: wrong, webgpu: { passed: true, speedup: 10 } }))
    expect(chosen).toEqual({ provider: 'webgpu', skipped: [{ provider: 'cuda', available: true, passed: false, ...wrong }] })
  })

  test('prefers the CPU to a software driver', async () => {
    const chosen = await chooseProvider('auto', machine({ webgpu: { passed: true, speedup: 0.02 } }))
    expect(chosen).toMatchObject({
      provider: 'cpu',
      skipped: [
        {
          provider: 'webgpu',
          reason: { code: 'device-little-faster', message: expect.stringContaining('0.02 times') as unknown, facts: { factor: '0.02' } },
        },
      ],
    })
  })

  test('ends at the CPU', async () => {
    expect(await chooseProvider('auto', machine({}))).toEqual({ provider: 'cpu', skipped: [] })
  })
})

describe('a named device', () => {
  test('overrides speed', async () => {
    expect(await chooseProvider('webgpu', machine({ webgpu: { passed: true, speedup: 0.02 } }))).toMatchObject({ provider: 'webgpu' })
    const never: SelfTest = () => Promise.reject(new Error('not asked'))
    expect(await chooseProvider('cpu', never)).toEqual({ provider: 'cpu', skipped: [] })
  })

  test('must pass', async () => {
    const message = expect.stringContaining('The device "cuda" cannot be used: Its answer differs from the CPU\'s') as unknown
    await expect(chooseProvider('cuda', machine({ cuda: wrong }))).rejects.toMatchObject({ code: 'provider-unusable', message })
    await expect(chooseProvider('dml', machine({}))).rejects.toMatchObject({ code: 'provider-unusable' })
  })
})

describe('in a process of its own', () => {
  let folder = ''
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-provider-'))))
  afterAll(() => rm(folder, { recursive: true }))
  const entry = async (source: string): Promise<string> => {
    const path = join(folder, `${Math.random().toString(36).slice(2)}.mjs`)
    await writeFile(path, source)
    return path
  }

  test.each([
    ['crashes', 'process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)', process.platform === 'win32' ? /ended/ : /SIGSEGV/],
    ['ends early', 'process.exit(3)', /code 3/],
    ['hangs', 'setInterval(() => {}, 1000)', /did not end within 2 seconds/],
  ])('a driver that %s is reported', async (_, source, reason) => {
    const report = await runApart('cuda', forkTest(await entry(source)), { answer: 2000, speed: 2000 })
    expect(report).toEqual({
      provider: 'cuda',
      available: true,
      passed: false,
      broken: true,
      reason: expect.objectContaining({ message: expect.stringMatching(reason) as unknown }) as unknown,
    })
  })

  const passes = `process.send({ provider: 'webgpu', available: true, passed: true, error: 0 })`
  test('one that computes correctly and never shows its speed is slow, not broken', async () => {
    const report = await runApart('webgpu', forkTest(await entry(`${passes}; setInterval(() => {}, 1000)`)), { answer: 20_000, speed: 500 })
    expect(report).toEqual({ provider: 'webgpu', available: true, passed: true, error: 0, speedup: 0 })
    expect(await chooseProvider('auto', machine({ webgpu: report }))).toMatchObject({ provider: 'cpu', skipped: [{ provider: 'webgpu' }] })
  })

  test('one that crashes at work after a correct answer is broken', async () => {
    const report = await runApart('webgpu', forkTest(await entry(`${passes}; setTimeout(() => process.exit(9), 200)`)), {
      answer: 20_000,
      speed: 20_000,
    })
    expect(report).toMatchObject({ passed: false, broken: true, reason: { code: 'device-process-ended', facts: { reason: 'code 9' } } })
  })

  test('one that ends in its test of 16 bits has none, and computes in fp32', async () => {
    const shown = `${passes}; process.send({ provider: 'webgpu', available: true, passed: true, error: 0, speedup: 9 })`
    const report = await runApart('webgpu', forkTest(await entry(`${shown}; setTimeout(() => process.exit(9), 200)`)), {
      answer: 20_000,
      speed: 20_000,
    })
    expect(report).toEqual({ provider: 'webgpu', available: true, passed: true, error: 0, speedup: 9, precisions: [] })
    expect(await chooseProvider('auto', machine({ webgpu: report }))).toEqual({ provider: 'webgpu', skipped: [], precisions: [] })
  })

  test('every provider of this machine is reported, and the CPU works', async () => {
    const reports = await checkProviders()
    expect(reports.map(({ provider }) => provider)).toEqual(['cuda', 'dml', 'coreml', 'webgpu', 'cpu'])
    expect(reports.at(-1)).toMatchObject({ passed: true, error: 0 })
    for (const { passed, reason } of reports) if (!passed) expect(reason?.message).toMatch(/\.$/)
  })
})
