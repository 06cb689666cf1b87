import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Figures } from './bench.ts'
import { checkpointing } from './checkpointing.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-memory-'))
  await checkpointing.prepare?.(folder)
})
afterAll(() => rm(folder, { recursive: true }))

/** Each in a process of its own, whose largest resident memory is then that of its steps. */
async function peakOf(label: string): Promise<number> {
  const main = join(import.meta.dirname, 'main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--case', 'checkpointing', label, folder], {
    env: { ...process.env, PIGMENT_THREADS: '1', PIGMENT_BENCH_MORE: '0' },
  })
  return (JSON.parse(stdout.trim()) as Figures).peak
}

test('recomputation lowers the peak of a training step by more than a quarter', { timeout: 900_000 }, async () => {
  const [kept, recomputed] = [await peakOf('all activations kept'), await peakOf('blocks computed again')]
  expect(recomputed).toBeLessThan(0.75 * kept)
})
