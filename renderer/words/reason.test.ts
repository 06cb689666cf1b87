import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { reasonTeller } from './reason.ts'
import { zhReasons } from './zh-reasons.ts'

const tell = reasonTeller(zhReasons)
const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, '')

test('a sentence is found by its shape; what stands in its blanks is carried over, or told too', () => {
  expect(tell("Its answer differs from the CPU's by 3.1e-1 (allowed: 0.01).")).toBe('它的结果与 CPU 相差 3.1e-1（最多允许 0.01）。')
  expect(tell('It predicts v: the metadata says prediction_type "v (2)".')).toBe('它预测 v：元数据中的 prediction_type 为“v (2)”。')
  expect(tell('Cross-attention is 1024 wide; Stable Diffusion XL usually has 2048.')).toBe(
    '交叉注意力宽 1024；Stable Diffusion XL 通常为 2048。',
  )
  expect(tell('cuInit failed: 100')).toBeUndefined()
  expect(tell('')).toBeUndefined()
})

test('both sides of the catalogue have the same blanks', () => {
  const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').toSorted()
  for (const [said, words] of Object.entries(zhReasons)) expect([said, ...blanks(words)]).toEqual([said, ...blanks(said)])
})

/** Texts of the source in quotes of any kind, with 7 for what is filled in. */
const texts = (source: string): string[] =>
  [...source.matchAll(/'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`((?:[^`\\]|\\.)+)`/g)].map(([, a, b, c]) =>
    (a ?? b ?? c ?? '').replace(/\$\{[^}]*\}/g, '7').replaceAll("\\'", "'"),
  )

/** Those that stand where the pattern says. */
const found = (file: string, where: RegExp): string[] => [...read(file).matchAll(where)].flatMap(([, text]) => texts(text ?? ''))

test('every reason that the engine gives is told in Chinese', () => {
  const models = ['single-file.ts', 'folder-checkpoint.ts', ...globSync('families/*.ts', { cwd: `${root}engine/models` })]
  // Of errors, which have words of their own, none begins with a capital and ends with a full stop in these files.
  const evidence = models
    .flatMap((file) => texts(read(`engine/models/${file}`)))
    .filter((text) => /^(The |Two |model_index|It ).*\.$/.test(text))
  const [predicted, devices] = [
    found('engine/models/prediction.ts', /said\([^,\n]*, (['`][^\n]*['`])\)/g),
    [
      ...found('engine/runtime/self-test.ts', /reason(?:: | = )(['`][^\n]*['`])/g),
      ...found('engine/runtime/providers.ts', /broken\((`[^\n]*`)\)/g),
    ],
  ]
  expect([evidence.length, predicted.length, devices.length]).toEqual([11, 7, 4])
  const said = [...evidence, ...predicted.map((why) => `It predicts v: ${why}.`), ...devices]
  expect(said.filter((sentence) => !/\p{Script=Han}/u.test(tell(sentence) ?? ''))).toEqual([])
  // None of the clauses was merely carried over.
  expect(predicted.filter((why) => tell(why) === undefined)).toEqual([])
})
