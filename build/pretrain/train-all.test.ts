import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sessionsOpen } from '../../engine/runtime/session.ts'
import { averagedWeights } from './course-checkpoints.ts'
import { trainAll, type CourseOptions } from './train-all.ts'
import { course } from './testing-course.ts'

const options = { inputs: 3, batch: 8 }
const module = new URL('testing-course.ts', import.meta.url).href

async function trained(lanes: number, steps: number, folder: string, more: Partial<CourseOptions> = {}): Promise<number[]> {
  const made = await course(options)
  const weights = await trainAll(made, {
    ...{ folder, steps, course: 120, lr: 0.2, warmup: 5, weightDecay: 0, decay: 0.5, threads: lanes, lanes },
    source: { module, options },
    initial: () => new Map([['w', { shape: [3, 1], data: new Float32Array(3) }]]),
    report: () => undefined,
    feed: made.feed,
    ...more,
  })
  return [...(weights.get('w')?.data ?? [])]
}

test('two lanes learn what one learns, and go on from a checkpoint as if it had not been', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-lanes-'))
  const before = sessionsOpen()
  try {
    const one = await trained(1, 120, join(folder, 'one'))
    const two = await trained(2, 120, join(folder, 'two'))
    await trained(2, 45, join(folder, 'parts'))
    const parts = await trained(2, 120, join(folder, 'parts'))
    for (const [i, value] of one.entries()) {
      expect(value).toBeCloseTo(i + 1, 1)
      expect(two[i]).toBeCloseTo(value, 4)
    }
    expect(parts).toEqual(two)
    // The same steps as rounds of one run, with threads that prepare them and a last run that is shorter.
    const rounds = await trained(1, 120, join(folder, 'rounds'), { rounds: 7, feeders: 2 })
    await trained(1, 42, join(folder, 'parted'), { rounds: 7 })
    const parted = await trained(1, 120, join(folder, 'parted'), { rounds: 7 })
    for (const [i, value] of rounds.entries()) expect(value).toBeCloseTo(one[i] ?? NaN, 4)
    expect(parted).toEqual(rounds)
    const kept = await averagedWeights(join(folder, 'two'), (await course(options)).trained)
    expect([...(kept.get('w')?.data ?? [])]).toEqual(two)
    expect(sessionsOpen()).toBe(before)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('Muon in two lanes learns what it learns in one, and goes on from a checkpoint', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-lanes-'))
  const matrices = { matrices: (name: string) => name === 'w' }
  const before = sessionsOpen()
  try {
    const adamw = await trained(1, 120, join(folder, 'adamw'))
    const one = await trained(1, 120, join(folder, 'one'), matrices)
    const two = await trained(2, 120, join(folder, 'two'), matrices)
    await trained(2, 45, join(folder, 'parts'), matrices)
    expect(await trained(2, 120, join(folder, 'parts'), matrices)).toEqual(two)
    for (const [i, value] of one.entries()) {
      // A matrix of one column: its steps are of one length, so that they circle round the end.
      expect(Math.abs(value - (i + 1))).toBeLessThan(0.15)
      expect(two[i]).toBeCloseTo(value, 4)
    }
    expect(one).not.toEqual(adamw)
    const rounds = await trained(1, 120, join(folder, 'rounds'), { ...matrices, rounds: 7 })
    for (const [i, value] of rounds.entries()) expect(value).toBeCloseTo(one[i] ?? NaN, 4)
    expect(sessionsOpen()).toBe(before)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.each<[string, number[], Partial<CourseOptions>]>([
  ['one lane', [0.8550382852554321, 1.28754460811615, 2.3393540382385254], {}],
  ['two lanes', [0.8550382852554321, 1.28754460811615, 2.3393540382385254], { lanes: 2, threads: 2 }],
  ['Muon', [0.49616119265556335, 0.17090679705142975, 1.2734054327011108], { lanes: 2, threads: 2, matrices: () => true }],
  ['rounds', [0.8550382256507874, 1.2875443696975708, 2.3393540382385254], { rounds: 5 }],
])('twelve steps by %s give the weights that they have always given', async (_, expected, more) => {
  const folder = await mkdtemp(join(tmpdir(), 'pigment-course-'))
  const initial = () => new Map([['w', { shape: [3, 1], data: Float32Array.of(0.5, -0.25, 1) }]])
  try {
    const found = await trained(1, 12, folder, { course: 20, weightDecay: 0.1, initial, ...more })
    for (const [i, value] of found.entries()) expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(1e-6)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a thread that cannot make the course ends the training with its error', async () => {
  const made = await course(options)
  const broken = { module: new URL('no-such-course.ts', import.meta.url).href, options }
  const folder = await mkdtemp(join(tmpdir(), 'pigment-lanes-'))
  const training = trainAll(made, {
    ...{ folder, steps: 2, lr: 0.2, warmup: 1, weightDecay: 0, decay: 0.5, threads: 1, rounds: 2, feeders: 1, source: broken },
    initial: () => new Map([['w', { shape: [3, 1], data: new Float32Array(3) }]]),
    report: () => undefined,
    feed: made.feed,
  })
  await expect(training).rejects.toThrow(/no-such-course/)
  await rm(folder, { recursive: true })
})
