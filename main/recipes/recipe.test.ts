import fc from 'fast-check'
import { parse } from 'smol-toml'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldsOf, type FieldDescription } from '../../engine/requests/fields.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { kebab, nearest } from './keys.ts'
import { readRecipe } from './read-recipe.ts'
import { writeRecipe } from './write-recipe.ts'

const read = (text: string, schema: z.ZodObject = trainRequest) => readRecipe(text, schema, 'style.toml')

/** Any value that a field takes, its schema's own check left to `parse`. */
function valueOf({ kind, choices = [], min = -1e6, max = 1e6, above, below }: FieldDescription): fc.Arbitrary<unknown> {
  if (choices.length > 0) return fc.constantFrom(...choices)
  if (kind === 'switch') return fc.boolean()
  if (kind === 'integer') return fc.integer({ min: Math.ceil(min), max: Math.floor(Math.max(min, max)) })
  if (kind === 'number')
    return fc
      .double({ min, max, minExcluded: above === true, maxExcluded: below === true, noNaN: true })
      .map((value) => (value === 0 ? 0 : value))
  return fc.string({ minLength: Math.max(min, 1), maxLength: Math.min(Math.max(max, 1), 60), unit: 'grapheme' })
}

const options = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 12 })),
  { minKeys: 1, maxKeys: 3 },
)
const requests = fc.record(
  Object.fromEntries(
    fieldsOf(trainRequest)
      .filter(({ kind }) => kind !== 'list')
      .map((field) => [field.key, field.key.endsWith('Options') ? options : valueOf(field)]),
  ),
  { requiredKeys: ['dataset'] },
)

test.each([true, false])('what is written reads back as the same request (explained: %s)', (explained) => {
  fc.assert(
    fc.property(requests, (some) => {
      const request = trainRequest.safeParse(some)
      if (!request.success) return
      const values = Object.fromEntries(Object.entries(request.data).filter(([, value]) => value !== undefined))
      expect(read(writeRecipe(trainRequest, values, { explained }))).toEqual(values)
    }),
    { numRuns: 30 },
  )
})

test('a recipe names every field of the schema with what it is, below its group; what has no value is a comment', () => {
  const text = writeRecipe(trainRequest, { dataset: 'pictures', rank: 8, optimizerOptions: { beta2: 0.99 } })
  expect(text).toContain('\nrecipe = 1\n')
  expect(text).toContain('# rank of every adapted layer (a whole number from 1 to 1024)\nrank = 8\n')
  expect(text).toContain('\n# alpha = 16\n')
  expect(text).toContain('[course.optimizer-options]\nbeta2 = 0.99')
  for (const { key } of fieldsOf(trainRequest).filter((field) => !field.key.endsWith('Options')))
    expect(text).toMatch(new RegExp(`^(# )?${kebab(key)} =`, 'm'))
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(140)
  expect(parse(text)).toMatchObject({ recipe: 1, dataset: 'pictures', network: { rank: 8 }, machine: {} })
})

test('a field that is added to the schema is in the recipe, also one that holds a list of tables', () => {
  const set = z.object({ folder: z.string(), weight: z.number() })
  const wider = trainRequest.extend({
    noiseOffset: z.number().min(0).max(1).optional().meta({ description: 'more noise of one colour', group: 'course' }),
    sets: z.array(set).optional().meta({ description: 'further sets', group: 'pictures' }),
  })
  const values = { dataset: 'a', noiseOffset: 0.05, sets: [{ folder: 'b', weight: 0.5 }, { folder: 'c', weight: 1 }] } // prettier-ignore
  const text = writeRecipe(wider, values)
  expect(text).toContain('# more noise of one colour (a number from 0 to 1)\nnoise-offset = 0.05')
  expect(read(text, wider)).toEqual(values)
  const broken = text.replace('weight = 1', 'weight = "much"')
  const line = broken.split('\n').indexOf('weight = "much"') + 1
  expect(() => read(broken, wider)).toThrow(`line ${line}, column 1: sets.1.weight takes a number, got "much".`)
})

test('keys are read however they are spelt, and in whichever table they stand', () => {
  expect(read('weight_decay = 0.1\n[pictures]\nmaxGradNorm = 2\n[network]\nConv-Rank = 4')).toEqual({
    weightDecay: 0.1,
    maxGradNorm: 2,
    convRank: 4,
  })
})

const refused = (text: string): unknown => {
  try {
    return read(text)
  } catch (error) {
    const { code, message, facts } = error as { code: string; message: string; facts: Record<string, unknown> }
    return { code, message, line: facts.line, column: facts.column }
  }
}

test('an unknown key is named with the nearest known one and its line', () => {
  expect(refused('recipe = 1\ndataset = "a"\n\n[network]\n  ranks = 8')).toEqual({
    code: 'recipe-key-unknown',
    message: '"style.toml", line 5, column 3: there is no "ranks". Did you mean "rank"?',
    line: 5,
    column: 3,
  })
  expect(refused('[netwrok]\nrank = 8')).toMatchObject({ line: 1, message: expect.stringContaining('Did you mean "network"?') as unknown })
  expect(refused('zzzzzzzzzzzz = 8')).toMatchObject({ message: expect.stringContaining('See "pigment train --help"') as unknown })
  expect([nearest('learning_rate', ['lr', 'rank']), nearest('captions-dropout', ['caption-dropout'])]).toEqual([
    undefined,
    'caption-dropout',
  ])
})

test('a value that does not fit is told with its place and what it takes; several at once', () => {
  expect(refused('[network]\nrank = 0\n[course]\nbatch = "two"\ncourse = "cosin"')).toEqual({
    code: 'recipe-value',
    message:
      '"style.toml", line 2, column 1: rank takes a whole number from 1 to 1024, got 0. line 4, column 1: batch takes a whole number from 1 to 256, got "two". ' +
      `line 5, column 1: course takes one of ${trainRequest.shape.course.unwrap().options.join(', ')}, got "cosin".`,
    line: 2,
    column: 1,
  })
})

test.each([
  ['a later version', 'recipe = 2', 'recipe-newer', 'Get a newer Pigment'],
  ['a version that is none', 'recipe = "a"', 'recipe-value', 'line 1, column 1: recipe is the version of the form'],
  ['a key in two tables', 'rank = 8\n[network]\nrank = 4', 'recipe-key-twice', 'line 3, column 1: rank stands in it twice'],
  ['a key twice in one', 'rank = 8\nrank = 4', 'recipe-syntax', 'line 2, column 1: this is no TOML.'],
  ['what is no TOML', 'rank = eight', 'recipe-syntax', 'line 1, column 8'],
  ['what is too large', 'x'.repeat(2 ** 20 + 1), 'recipe-too-large', 'million letters'],
])('%s is refused', (_what, text, code, said) => {
  expect(refused(text)).toMatchObject({ code, message: expect.stringContaining(said) as unknown })
})
