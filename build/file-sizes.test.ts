import { expect, test } from 'vitest'
import { fileSizes, sizeProblems, sourceSizes } from './file-sizes.ts'

const files = (...lines: number[]) => lines.map((count, i) => ({ path: `engine/${i}.ts`, lines: count }))

test('the median, nine of ten and the longest', () => {
  expect(fileSizes(files(5, 1, 4, 2, 3, 6, 8, 7, 10, 9))).toEqual({ count: 10, median: 5, ninth: 9, longest: 10 })
})

test('what is too long is told', () => {
  expect(sizeProblems(files(70, 300))).toEqual([expect.stringContaining('longer than 300 lines')])
  expect(sizeProblems(files(71, 71, 71))).toEqual([expect.stringContaining('The median file has 71 lines')])
  const one = [...files(...Array<number>(20).fill(10)), { path: 'main/long.ts', lines: 301 }]
  expect(sizeProblems(one)).toEqual([expect.stringContaining('main/long.ts has 301 lines')])
})

test('tests, words and what is written by a program are not counted', () => {
  const paths = sourceSizes().map(({ path }) => path)
  expect(paths).toContain('build/file-sizes.ts')
  expect(paths).toContain('renderer/App.svelte')
  for (const path of ['build/file-sizes.test.ts', 'renderer/words/en.ts', 'engine/ops/index.ts', 'main/operations/testing.ts'])
    expect(paths).not.toContain(path)
})
