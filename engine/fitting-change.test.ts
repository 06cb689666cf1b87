// What is told of a run that does not fit: the least change by which it would, tried out on the forecast itself.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Checkpoint } from './checkpoint/config.ts'
import { fittingChange, memoryVerdict } from './fitting-change.ts'
import { openCheckpoint } from './models/open-checkpoint.ts'
import { writeSingleFile } from './models/testing-single-file.ts'
import { tinyModel } from './models/testing.ts'
import './ops/index.ts'
import { trainRequest, type TrainRequest } from './requests/train.ts'
import { trainingMemory } from './training/training-memory.ts'

let folder = ''
let checkpoint: Checkpoint
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pigment-fit-'))
  const file = join(folder, 'tiny.safetensors')
  await writeSingleFile(file, tinyModel('sd1'))
  checkpoint = await openCheckpoint(file)
})
afterAll(() => rmSync(folder, { recursive: true }))

const options = { side: 128, threads: 1 }
const request = (more: object = {}): TrainRequest => trainRequest.parse({ dataset: 'd', rank: 8, alpha: 8, batch: 4, ...more })
const needed = (more: object = {}): number => trainingMemory(checkpoint, request(more), options)

test('the first change that is enough is told, and it is', () => {
  const usual = needed()
  const recomputed = needed({ recompute: true })
  expect(recomputed).toBeLessThan(usual)
  expect(fittingChange(checkpoint, request(), options, usual - 1)).toEqual({ values: { recompute: true }, bytes: recomputed })
  // Recomputing is not enough: a smaller batch, of which as many make a step.
  const less = fittingChange(checkpoint, request(), options, needed({ batch: 2 }))
  expect(less?.values).toEqual({ batch: 2, accumulation: 2 })
  // Several together where none is enough alone.
  const least = fittingChange(checkpoint, request(), options, needed({ recompute: true, batch: 1 }))
  expect(least?.values).toMatchObject({ recompute: true, batch: 1, accumulation: 4 })
  expect(least?.bytes).toBe(trainingMemory(checkpoint, { ...request(), ...least?.values }, options))
  expect(fittingChange(checkpoint, request(), options, 2 ** 20)).toBeUndefined()
})

test('an optimizer that spares memory is offered where its state is what weighs', () => {
  const heavy = { rank: 1024, alpha: 1024, batch: 1, layers: 'all', recompute: true } as const
  // The whole state is below the budget of the one that pages, which spares nothing here.
  expect(needed({ ...heavy, optimizer: 'paged-adamw' })).toBe(needed(heavy))
  expect(fittingChange(checkpoint, request(heavy), options, needed(heavy) - 1)?.values).toEqual({ optimizer: 'adamw-8bit' })
})

test('what does not go with the rest is not offered', () => {
  for (const [field, value] of Object.entries(
    fittingChange(checkpoint, request({ batch: 3 }), options, needed({ batch: 1 }))?.values ?? {},
  ))
    expect([field, value]).toEqual(field === 'batch' ? ['batch', 1] : ['accumulation', 3])
})

test('a run is refused where it cannot fit, and told of where it may not', () => {
  const bytes = needed()
  const verdict = (free: number, more: object = {}) =>
    memoryVerdict(checkpoint, request(), options, { free, total: 64e9, sure: true, ...more })
  expect(verdict(bytes)).toEqual({ bytes, stops: false })
  expect(verdict(bytes / 1.1)).toMatchObject({ bytes, stops: false, problem: { code: 'memory-short' } })
  const refused = verdict(bytes / 1.3)
  expect(refused).toMatchObject({ stops: true, problem: { facts: { need: bytes, change: { recompute: true } } } })
  expect(refused.problem?.message).toMatch(/takes about .* GB of memory, and .* GB are free\. It fits with recompute true: about .* GB\./)
  // What is free is not sure: what the machine has is.
  expect(verdict(bytes / 2, { sure: false }).stops).toBe(false)
  expect(verdict(bytes / 2, { sure: false, total: bytes / 2 }).stops).toBe(true)
  expect(verdict(1).problem?.message).toContain('No change of its settings makes it fit')
  // What the process has already is its own.
  expect(memoryVerdict(checkpoint, request(), options, { free: 0, total: 64e9, sure: true }, bytes)).toEqual({ bytes, stops: false })
})
