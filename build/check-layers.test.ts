import { expect, test } from 'vitest'
import { importsOf, objection } from './check-layers.ts'

const check = (from: string, to: string, typeOnly = false): string | undefined => objection({ from, to, typeOnly })

test('inside the engine the right imports the left, never the reverse', () => {
  expect(check('engine/ops/Add.ts', 'engine/graph/op.ts')).toBeUndefined()
  expect(check('engine/verbs/train.ts', 'engine/tensor/tensor.ts')).toBeUndefined()
  expect(check('engine/ops/Add.ts', 'engine/nn/layers.ts')).toBe(
    'engine/ops/ comes before engine/nn/. Move this code to engine/nn/ or later, or what it needs to engine/ops/ or earlier.',
  )
  expect(check('engine/new/x.ts', 'engine/graph/op.ts')).toMatch(/no place in the order/)
})

test('checkpoint types may be named from below, its values may not; tests look everywhere in the engine', () => {
  expect(check('engine/nn/parameters.ts', 'engine/models/config.ts', true)).toBeUndefined()
  expect(check('engine/nn/parameters.ts', 'engine/models/config.ts')).toBeDefined()
  expect(check('engine/ops/ops.test.ts', 'engine/runtime/session.ts')).toBeUndefined()
  expect(check('engine/ops/ops.test.ts', 'build/parity/compare.ts')).toMatch(/nothing imports build/)
})

test('the border between window and Node side', () => {
  expect(check('renderer/screens/Compare.svelte', 'main/api/command.ts')).toBeUndefined()
  expect(check('renderer/screens/Compare.svelte', 'main/commands/train.ts')).toMatch(/through main\/api/)
  expect(check('renderer/api.ts', 'main/commands/index.ts', true)).toBeUndefined()
  expect(check('renderer/api.ts', 'main/commands/index.ts')).toBeDefined()
  expect(check('main/api/command.ts', 'node:fs')).toMatch(/without Node/)
  expect(check('main/api/command.ts', 'zod')).toBeUndefined()
  expect(check('main/api/command.ts', 'engine/verbs/train.ts')).toMatch(/engine\/spec/)
})

test('shells see the rest of main, and nobody sees electron', () => {
  expect(check('main/cli/main.ts', 'main/commands/train.ts')).toBeUndefined()
  expect(check('main/cli/main.ts', 'main/electron/window.ts')).toMatch(/shell/)
  expect(check('main/commands/train.ts', 'electron')).toMatch(/main\/electron/)
  expect(check('main/commands/train.ts', 'main/cli/progress.ts')).toBeDefined()
  expect(check('engine/verbs/train.ts', 'main/api/command.ts')).toMatch(/its own files/)
  expect(check('build/parity.ts', 'main/cli/main.ts')).toBeUndefined()
})

test('reads every form of import', () => {
  const source = `import a, {\n  b,\n} from './x.ts'\nimport '../ops/index.ts'\nimport type { C } from "../models/config.ts"\nexport { d } from './y.ts'\nconst e = await import('./z.ts')\n`
  expect(importsOf('engine/nn/layers.ts', source).map(({ to, typeOnly }) => (typeOnly ? `type ${to}` : to))).toEqual([
    'engine/nn/x.ts',
    'engine/ops/index.ts',
    'type engine/models/config.ts',
    'engine/nn/y.ts',
    'engine/nn/z.ts',
  ])
})
