// The script for a card, tried on the CPU at tiny sizes.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { relativeL2 } from '../../../engine/tensor/tensor.ts'
import type { Case, ShapeName, Task } from './cases.ts'
import { runCase } from './ours.ts'
import { prepareCase, told } from './their-case.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-card-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['tiny-sd15', 'lora'],
  ['tiny-sdxl', 'forward'],
] as const)('%s, %s: in fp16 it answers as in fp32, and the other side reads the same', async (shape: ShapeName, task: Task) => {
  const own: Case = { shape, task, precision: 'fp32', device: 'cpu', steps: 1, folder, answer: join(folder, 'answer') }
  await prepareCase(own)
  const [wide, half] = [await runCase(own), await runCase({ ...own, precision: 'fp16' })]
  expect(wide.step).toBeGreaterThan(0)
  const apart = relativeL2(half.answer?.data ?? [], wide.answer?.data ?? [])
  expect(apart).toBeLessThan(2e-2)
  expect(apart).toBeGreaterThan(0)
  const other = JSON.parse(await readFile(told(own), 'utf8')) as { inputs: Record<string, { path: string; shape: number[] }> }
  const { path = '', shape: sides = [] } = other.inputs.sample ?? {}
  expect((await readFile(path)).length).toBe(4 * sides.reduce((product, side) => product * side, 1))
  expect('pooled' in other.inputs).toBe(shape === 'tiny-sdxl')
})
