import { expect, test } from 'vitest'
import { familyNamesIn } from './family-names.ts'

const count = (text: string, path = 'engine/some.ts'): number => familyNamesIn(path, text).length

test('a family that is known by name is found', () => {
  expect(count("if (checkpoint.family === 'sdxl') return")).toBe(1)
  expect(count("  const other = family.name !== 'something-new'")).toBe(1)
  expect(count('switch (rules.family) {')).toBe(1)
  expect(count("yield published('sd2', unet)")).toBe(1)
  expect(count("const titles = { sd1: 'One', sd2: 'Two' }\n")).toBe(1)
  expect(count('  sdxl: {')).toBe(1)
})

test('what only sounds like one is let be, and so are families, tests, fixtures and words', () => {
  expect(count('// SDXL: sd1, sd2 and sdxl\n * sdxl: {\nif (a.family === b.family)\nconst sdxl = 1')).toBe(0)
  const named = "family === 'sd1'"
  expect(
    ['engine/models/families/sd1/family.ts', 'engine/a.test.ts', 'main/testing-library.ts', 'renderer/words/zh.ts'].map((path) =>
      count(named, path),
    ),
  ).toEqual([0, 0, 0, 0])
})
