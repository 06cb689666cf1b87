import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProviderReport } from './providers.ts'
import { runWithDriver, swiftShaderMissing, type Ended } from './testing-swiftshader.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const minutes = 60_000
const missing = swiftShaderMissing()

interface Measure {
  readonly check: string
  readonly what: string
  readonly error: number
  readonly bar: number
}

/** The self-test of every provider, in a process that sees the driver. */
async function selfTest(driver?: string): Promise<ProviderReport | undefined> {
  const providers = JSON.stringify(new URL('providers.ts', import.meta.url).href)
  const script = `const { checkProviders } = await import(${providers}); console.log(JSON.stringify(await checkProviders()))`
  const reports = lines<ProviderReport[]>(await runWithDriver(['--input-type=module', '--eval', script], driver))
  return reports[0]?.find(({ provider }) => provider === 'webgpu')
}

/** What a process printed as JSON, one value a line; its end must be a good one. */
function lines<T>(ended: Ended): T[] {
  expect({ code: ended.code, signal: ended.signal, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    signal: null,
    stderr: '',
  })
  return ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

describe('WebGPU on a software driver', () => {
  beforeEach((context) => {
    if (missing) context.skip(missing)
  })

  test('passes the self-test', { timeout: 10 * minutes }, async () => {
    const report = await selfTest()
    expect(report).toMatchObject({ available: true, passed: true, speedup: expect.any(Number) as unknown })
  })

  test.each([
    ['sd1-small-layout', 'forward within 1e-3, gradients of a LoRA step within 1e-2', 'unet,lora-gradients'],
    ['sdxl', 'forward within 1e-3', 'unet'],
  ])('%s: %s', { timeout: 15 * minutes }, async (name, _, kinds) => {
    const script = join(root, 'build/parity/on-provider.ts')
    const ended = await runWithDriver([script, 'webgpu', kinds, join(root, 'engine/fixtures/reference', name)])
    const measures = lines<Measure>(ended)
    expect(new Set(measures.map(({ check }) => check.replace(/\..*/, '')))).toEqual(new Set(kinds.replace('lora-', '').split(',')))
    expect(measures.filter(({ error, bar }) => !(error <= bar))).toEqual([])
  })
})

describe('a broken driver is reported, never a crash', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driver-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('that is not there', { timeout: 5 * minutes }, async () => {
    const report = await selfTest(join(folder, 'none.json'))
    expect(report).toMatchObject({
      passed: false,
      reason: { code: 'device-not-started', facts: { said: expect.stringMatching(/webgpu/) as unknown } },
    })
  })

  test('whose library is no library', { timeout: 5 * minutes }, async () => {
    await writeFile(join(folder, 'driver.so'), 'not a library')
    const icd = { file_format_version: '1.0.0', ICD: { library_path: join(folder, 'driver.so'), api_version: '1.0.5' } }
    await writeFile(join(folder, 'driver.json'), JSON.stringify(icd))
    const report = await selfTest(join(folder, 'driver.json'))
    expect(report).toMatchObject({
      passed: false,
      reason: { code: 'device-not-started', facts: { said: expect.stringMatching(/webgpu/) as unknown } },
    })
  })
})
