import { expect, test } from 'vitest'
import { lostPaths, namedIn, namedPathProblems } from './named-paths.ts'

const lost = (file: string, text: string): string[] => lostPaths(namedIn(file, text))

test('documents name what is there, in backticks and links', () => {
  const there =
    '`build/check.ts`, `engine/ops/<Name>.ts`, `renderer/words/{en,zh}.ts`, `build/renderer/*.test.ts`, [this](architecture.md#studio)'
  expect(namedIn('docs/x.md', there)).toHaveLength(5)
  expect(lost('docs/x.md', there)).toEqual([])
  const gone = '`build/chek.ts` `engine/opps/<Name>.ts` `renderer/words/{en,fr}.ts` `build/renderer/*.tests.ts` [this](arch.md)'
  expect(lost('docs/x.md', `a line\n${gone}`).map((told) => told.replace(/,.*/, ''))).toEqual([
    'docs/x.md:2 names build/chek.ts',
    'docs/x.md:2 names engine/opps/<Name>.ts',
    'docs/x.md:2 names renderer/words/{en',
    'docs/x.md:2 names build/renderer/*.tests.ts',
    'docs/x.md:2 names docs/arch.md',
  ])
})

test('comments likewise; code says what it means by itself', () => {
  expect(lost('main/x.ts', "import '../engine/gone.ts'\nconst a = 'engine/gone.ts'")).toEqual([])
  const sentence = (where: string): string => `${where} names engine/gone.ts, which is not there.`
  expect(
    lost(
      'main/x.ts',
      ['const a = 1 //', 'as engine/gone.ts does.'].join(' ') + '\n' + ['/** See', 'engine/gone.ts, engine/ops. */'].join(' '),
    ),
  ).toEqual([sentence('main/x.ts:1'), sentence('main/x.ts:2')])
})

test('all of this repository are there', () => expect(namedPathProblems()).toEqual([]))
