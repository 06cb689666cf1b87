import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mostSteps } from '../requests/duration-fields.ts'
import { toldDifference } from './run-differences.ts'
import { storeOf, type Vector } from '../tensor/vectors.ts'
import { loadRun, saveRun, type DamagedCheckpoint, type RunFacts } from './run-checkpoint.ts'

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-run-'))))
afterEach(() => rm(folder, { recursive: true }))

const run = { seed: '1', unet: 'a'.repeat(64), engine: '1.0' }
const vectors = (value: number) => ({
  theta: Float32Array.of(value, -0),
  m: Float32Array.of(1 / 3),
  v: new Float32Array(0),
  codes: Uint8Array.of(255, value, 7),
  d: Float64Array.of(1 / 3),
})
const save = async (...steps: number[]): Promise<void> => {
  for (const step of steps) await saveRun(folder, run, { step, vectors: vectors(step) })
}

/** What is read back, as it lay in memory. */
async function loaded(from = folder, identity: RunFacts = run, onDamaged?: (one: DamagedCheckpoint) => void) {
  const found = await loadRun(from, identity, onDamaged)
  const read = Object.entries(found?.vectors ?? {}).map(async ([name, all]) => [name, await all.read(0, all.length)] as const)
  return found && { step: found.step, vectors: Object.fromEntries<Vector>(await Promise.all(read)) }
}

test('the newest is read back bit for bit, and two are kept', async () => {
  await save(1, 2, 10)
  expect(await readdir(folder)).toEqual(['step-00000002', 'step-00000010'])
  expect(await loaded()).toEqual({ step: 10, vectors: vectors(10) })
})

test('a vector that is read part by part is written with the same bytes, and parts of it are read back', async () => {
  const whole = Float32Array.from({ length: 600_000 }, (_, i) => Math.sin(i))
  await saveRun(folder, run, { step: 1, vectors: { whole } })
  const longest = { parts: 0 }
  const { read, ...facts } = storeOf(whole)
  const parted = { ...facts, read: (from: number, to: number) => ((longest.parts = Math.max(longest.parts, to - from)), read(from, to)) }
  await saveRun(folder, run, { step: 2, vectors: { whole: parted } })
  const [first, second] = await Promise.all(['1', '2'].map((step) => readFile(join(folder, `step-0000000${step}`, 'state.safetensors'))))
  expect(second?.equals(first as Buffer)).toBe(true)
  expect(longest.parts).toBe(2 ** 18)
  const found = await loadRun(folder, run)
  expect(await found?.vectors.whole?.read(300_001, 300_004)).toEqual(whole.slice(300_001, 300_004))
})

test('nothing there is nothing to resume', async () => {
  expect(await loadRun(folder, run)).toBeUndefined()
  expect(await loadRun(join(folder, 'none'), run)).toBeUndefined()
})

test.each<[string, (path: string) => Promise<void>]>([
  ['a state cut short', (path) => truncate(join(path, 'state.safetensors'), 20)],
  ['an empty state', (path) => truncate(join(path, 'state.safetensors'), 0)],
  ['a state with a flipped bit', flipLastBit],
  ['no state', (path) => rm(join(path, 'state.safetensors'))],
  ['a manifest cut short', (path) => truncate(join(path, 'MANIFEST.json'), 9)],
  ['no manifest', (path) => rm(join(path, 'MANIFEST.json'))],
  ['a manifest of another kind', (path) => writeFile(join(path, 'MANIFEST.json'), '{"step":2}')],
])('%s: the checkpoint before it is taken, and the damaged one is put aside and told', async (_, damage) => {
  await save(1, 2)
  await damage(join(folder, 'step-00000002'))
  const damaged: DamagedCheckpoint[] = []
  expect(await loaded(folder, run, (one) => damaged.push(one))).toEqual({ step: 1, vectors: vectors(1) })
  expect(damaged.map(({ name }) => name)).toEqual(['step-00000002'])
  expect(await readdir(join(folder, 'quarantine'))).toHaveLength(1)
})

async function flipLastBit(path: string): Promise<void> {
  const bytes = await readFile(join(path, 'state.safetensors'))
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await writeFile(join(path, 'state.safetensors'), bytes)
}

test('with every checkpoint damaged the run starts anew, and all are kept aside', async () => {
  await save(1, 2)
  for (const name of await readdir(folder)) await truncate(join(folder, name, 'MANIFEST.json'), 3)
  const damaged: DamagedCheckpoint[] = []
  expect(await loadRun(folder, run, (one) => damaged.push(one))).toBeUndefined()
  expect(damaged.map(({ name }) => name)).toEqual(['step-00000002', 'step-00000001'])
  expect(await readdir(join(folder, 'quarantine'))).toHaveLength(2)
})

test('drafts and half-deleted checkpoints of a killed process are swept away', async () => {
  await save(1)
  await mkdir(join(folder, 'step-00000002.tmp'))
  await writeFile(join(folder, 'step-00000002.tmp', 'state.safetensors'), 'half')
  await mkdir(join(folder, 'step-00000000.del'))
  expect(await loadRun(folder, run)).toMatchObject({ step: 1 })
  expect(await readdir(folder)).toEqual(['step-00000001'])
})

test('checkpoints of another run are neither used nor removed, and what differs is named', async () => {
  await save(3)
  const { unet } = run
  const other = { unet: 'b'.repeat(64), engine: '1.0', ema: '0.9' }
  await expect(loadRun(folder, other)).rejects.toMatchObject({
    code: 'resume-mismatch',
    facts: {
      step: 3,
      differs: [
        { name: 'seed', was: '1' },
        { name: 'unet', was: unet, now: other.unet },
        { name: 'ema', now: '0.9' },
      ],
      which: [
        { code: 'differs-setting-gone', facts: { name: 'seed', was: '1' } },
        { code: 'differs-unet', facts: {} },
        { code: 'differs-setting-new', facts: { name: 'ema', now: '0.9' } },
      ],
    },
  })
  await expect(loadRun(folder, other)).rejects.toThrow(
    'What differs: "seed" (was 1, now not set); the weights of the UNet; "ema" (was not set, now 0.9). Change it back to continue from step 3',
  )
  expect(await readdir(folder)).toEqual(['step-00000003'])
})

test('a checkpoint of a version that kept no facts is one of another version', async () => {
  await save(3)
  const manifest = join(folder, 'step-00000003', 'MANIFEST.json')
  await writeFile(manifest, JSON.stringify({ ...(JSON.parse(await readFile(manifest, 'utf8')) as object), identity: 'ab' }))
  await expect(loadRun(folder, run)).rejects.toMatchObject({ facts: { differs: [{ name: 'engine', was: 'older', now: '1.0' }] } })
})

test('how long a run trains is told in steps, and a clock as a clock', async () => {
  const told = (was: string, now: string) => toldDifference({ name: 'steps', was, now }).message
  expect(told('90', '60')).toBe('how long it trains (was 90 steps, now 60)')
  expect(told(String(mostSteps), '60')).toBe('how long it trains (one of the two by the clock, the other 60 steps)')
})
