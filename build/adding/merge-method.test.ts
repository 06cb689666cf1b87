// A way of merging adapters is one file: put into its folder, it is in the index that is written of the folder, and from there everywhere. Nothing else
// may know one by name.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { en } from '../../renderer/words/en.ts'
import { zh } from '../../renderer/words/zh.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/merging/methods/loudest.ts': `import { z } from 'zod'
import { sumOf } from '../layer.ts'
import type { MergeMethod } from '../method.ts'
const options = z.object({ gain: z.number().min(0).max(4).default(2).meta({ description: 'how loud it is', step: 0.5 }) })
export const loudest: MergeMethod<typeof options> = {
  name: 'loudest',
  title: 'Loudest',
  sentence: 'Takes the first adapter alone.',
  source: 'a test',
  kind: 'sum',
  rank: 'sum',
  options,
  merge: (layer, { gain }) => sumOf({ ...layer, parts: layer.parts.slice(0, 1) }, ({ weight }) => weight * gain),
}
`,
})
afterAll(() => program[Symbol.dispose]())
const { pigment } = program
const { mergeCards } = await program.load<typeof import('../../main/studio/merging.ts')>('main/studio/merging.ts')
const adapters = ['ink', 'comic'].map((name) => join(program.root, `assets/adapters/${name}.safetensors`))

test('it is in the help of the terminal, with its option', async () => {
  const { text } = await pigment('merge', '--help')
  expect(text).toContain('loudest (Loudest)')
  expect(text).toContain('loudest: gain, how loud it is, a number from 0 to 4 (default: 2)')
})

test('the terminal refuses options of it that do not fit', async () => {
  const refused = await pigment('merge', ...adapters, '--method', 'loudest', '--method-option', 'gain=9')
  expect(refused).toEqual({
    code: 2,
    text: expect.stringContaining('of the method "loudest" takes a number from 0 to 4, got 9.') as unknown,
  })
})

test('the studio’s cards have it with its sentence and option, as plain data', () => {
  const card = mergeCards.methods.find(({ name }) => name === 'loudest')
  expect(JSON.parse(JSON.stringify(card))).toMatchObject({
    title: 'Loudest',
    sentence: 'Takes the first adapter alone.',
    kind: 'sum',
    options: [{ key: 'gain', kind: 'number', min: 0, max: 4, default: 2, step: 0.5 }],
  })
})

test('every way that is here has words in both languages, its options too', () => {
  const keys = mergeCards.methods.flatMap(({ name, options }) =>
    name === 'loudest' ? [] : [`merge.${name}`, ...options.flatMap(({ key }) => [`field.${key}`, `reason.${key}`])],
  )
  expect(keys).toContain('merge.linear')
  for (const words of [en, zh]) expect(keys.filter((key) => !(key in words))).toEqual([])
})
