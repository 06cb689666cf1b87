// Which provider to compute with: the first that proves itself against the CPU. A broken one is reported and skipped.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ComputePrecision } from '../requests/compute-precision.ts'
import { PigmentError } from '../requests/error.ts'
import { childEnvironment } from './child-environment.ts'
import { because, toldReason, type Reason } from '../requests/reason.ts'
import type { ProviderReport } from './self-test.ts'
import type { Provider } from './session.ts'

export type { ProviderReport } from './self-test.ts'

/** Fastest first, by platform habit. */
export const providerOrder: readonly Provider[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu']
/** A software driver computes correctly and slowly: below this, the CPU itself is the better choice. */
const worthwhile = 1.5
/** Milliseconds for the answer, then for the speed. A first run may compile shaders for a while. */
const patience = { answer: 120_000, speed: 15_000 }

/** How one provider is tested. A shell that cannot fork Node (a packaged Electron) gives its own. */
export type SelfTest = (provider: Provider) => Promise<ProviderReport>

/** Starts a self-test in another process and gives what kills it: reports as they come, and how the process ended. */
export type StartTest = (provider: Provider, report: (report: ProviderReport) => void, ended: (reason: string) => void) => () => void

/** The self-test in a process of its own, which a broken driver may take down or hang. */
export const selfTestApart: SelfTest = async (provider) => {
  const { checkProvider, isCarried } = await import('./self-test.ts')
  if (provider === 'cpu' || !isCarried(provider)) return checkProvider(provider)
  return runApart(provider, forkTest(fileURLToPath(new URL('check-provider.ts', import.meta.url))))
}

export function forkTest(entry: string): StartTest {
  return (provider, report, ended) => {
    const child = fork(entry, [provider], {
      env: childEnvironment(process.env),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('message', (message) => report(message as ProviderReport))
    child.on('error', ({ message }) => ended(message))
    child.on('exit', (code, signal) => ended(signal ? `signal ${signal}` : `code ${code}`))
    return () => child.kill('SIGKILL')
  }
}

/**
 * What a self-test says in the end. One that passes and then takes `patience.speed` to show its speed is slow, not broken; one that does not get through
 * its test of 16 bits has none.
 */
export function runApart(provider: Provider, start: StartTest, { answer, speed } = patience): Promise<ProviderReport> {
  return new Promise((done) => {
    const broken = (reason: Reason): void => done({ provider, available: true, passed: false, broken: true, reason })
    let last: ProviderReport | undefined
    const kill = start(
      provider,
      (report) => {
        clearTimeout(timer)
        last = report
        if (!report.passed || report.precisions !== undefined) done(report)
        else if (report.speedup === undefined) timer = after(speed, () => done({ ...report, speedup: 0 }))
        else timer = after(speed, () => done({ ...report, precisions: [] }))
      },
      (reason) => {
        clearTimeout(timer)
        // After the last report this says nothing new.
        if (last?.speedup !== undefined) done({ ...last, precisions: [] })
        else broken(because('device-process-ended', 'The process of its self-test ended ({reason}): the driver is broken.', { reason }))
      },
    )
    const after = (milliseconds: number, then: () => void): NodeJS.Timeout =>
      setTimeout(() => {
        then()
        kill()
      }, milliseconds)
    let timer = after(answer, () =>
      broken(because('device-silent', 'Its self-test did not end within {seconds} seconds.', { seconds: answer / 1000 })),
    )
  })
}

/** Every provider of this machine with its self-test, fastest first. */
export async function checkProviders(selfTest: SelfTest = selfTestApart): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = []
  for (const provider of providerOrder) reports.push(await selfTest(provider))
  return reports
}

export interface ChosenProvider {
  readonly provider: Provider
  /** Those that the runtime carries and that were passed over, each with the reason. */
  readonly skipped: readonly ProviderReport[]
  /** What it proved to compute rightly beside fp32. */
  readonly precisions?: readonly ComputePrecision[]
}

/**
 * The provider to use. `auto` takes the first that passes and is faster than the CPU; a named one must pass.
 * Throws `provider-unusable` with the reason.
 */
export async function chooseProvider(requested: Provider | 'auto', selfTest: SelfTest = selfTestApart): Promise<ChosenProvider> {
  const skipped: ProviderReport[] = []
  for (const provider of requested === 'auto' ? providerOrder : [requested]) {
    // Nothing is left to hold the CPU against.
    if (provider === 'cpu') return { provider, skipped }
    const report = await selfTest(provider)
    const { passed, available, speedup = Infinity, precisions } = report
    if (passed && (requested !== 'auto' || speedup >= worthwhile)) return { provider, skipped, ...(precisions ? { precisions } : {}) }
    if (passed)
      skipped.push({
        ...report,
        reason:
          speedup > 0
            ? because('device-little-faster', 'It works, but is only {factor} times as fast as the CPU.', { factor: speedup.toFixed(2) })
            : because('device-slower', 'It works, but is far slower than the CPU.'),
      })
    else if (available || requested !== 'auto') skipped.push(report)
  }
  throw new PigmentError(
    'provider-unusable',
    `The device "${requested}" cannot be used: ${skipped[0]?.reason ? toldReason(skipped[0].reason) : 'The reason is not known.'} Run "pigment doctor", or use --device cpu.`,
    { requested, skipped },
  )
}
