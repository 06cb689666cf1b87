// The clash report on files: measured once, told at any strengths, as tables for a terminal.
import { utimes } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeAdapter } from '../../engine/adapter-formats/read.ts'
import { clashRows } from '../studio/clash-rows.ts'
import { baseOf } from './adapter-bases.ts'
import { fakeContext, randomAdapter, workFolder, writeTinyModel } from './testing.ts'
import { clash } from './tools/clash.ts'

const folder = await workFolder()
const model = folder.at('tiny')
const files = ['one', 'two', 'three'].map((name) => folder.at(`${name}.safetensors`))
const [one = '', two = '', three = ''] = files
const at = (file: string, weight = 1, enabled = true) => ({ file, weight, enabled })

beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  const { modules } = await baseOf(model)
  // The third is the first once more.
  for (const [i, path] of files.entries())
    await writeAdapter(await randomAdapter(model, 'x', 1 + (i % 2)), 'kohya', path, { modules, precision: 'fp16' })
})
afterAll(folder.remove)

test('pairs are told by what the files do; at other strengths nothing is measured again, after a change of a file everything is', async () => {
  const first = fakeContext()
  const report = await clash({ files: [at(one), at(two), at(three)], model }, first)
  expect(report.pairs.map(({ first: a, second: b, cosine }) => [a, b, cosine > 0.99])).toEqual([
    [0, 1, false],
    [0, 2, true],
    [1, 2, false],
  ])
  expect(report.adapters.map(({ name }) => name)).toEqual(['one', 'two', 'three'])
  expect(report.blocks.some(({ block }) => /^IN\d\d$/.test(block))).toBe(true)
  expect(first.records.length).toBeGreaterThan(0)
  const second = fakeContext()
  const stronger = await clash({ files: [at(one, 2), at(two), at(three, -1)], model }, second)
  expect(stronger.pairs[0]?.onSecond).toBeCloseTo(2 * (report.pairs[0]?.onSecond ?? NaN), 9)
  expect(stronger.pairs[1]?.cosine).toBeCloseTo(-(report.pairs[1]?.cosine ?? NaN), 9)
  expect(second.records).toEqual([])
  await utimes(two, new Date(), new Date(0))
  const third = fakeContext()
  await clash({ files: [at(one), at(two), at(three)], model }, third)
  expect(third.records.length).toBe(first.records.length)
})

test('what is off is left out; a file that is gone is an error that names it', async () => {
  const report = await clash({ files: [at(one), at(two, 1, false), at(three)], model }, fakeContext())
  expect([report.adapters.length, report.pairs.length]).toEqual([2, 1])
  await expect(clash({ files: [at(one), at(folder.at('gone.safetensors'))], model }, fakeContext())).rejects.toMatchObject({
    code: 'file-not-found',
  })
})

test('the tables of the terminal name adapters and pairs', async () => {
  const report = await clash({ files: [at(one), at(two)], model }, fakeContext())
  const rows = clashRows(report, true)
  expect(rows.pairs[0]).toMatchObject({ first: 'one', second: 'two', interference: report.pairs[0]?.interference })
  expect(rows.adapters[1]).toMatchObject({ adapter: 'two', suggested: report.adapters[1]?.suggested.weight })
  expect(Object.keys(rows.interferenceByBlock[0] ?? {})).toEqual(['block', 'one × two'])
  expect(rows.byLayer?.length).toBe(report.layers.length)
  expect(clashRows(report, false).byLayer).toBeUndefined()
})
