// A program that reads adapters is one file: put into its folder, it judges what is exported. Nothing else knows programs by name.
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { moduleShapes } from '../../engine/adapter-formats/base-modules.ts'
import { writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomAdapter } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/adapter-readers/potter.ts': `import { because } from '../requests/reason.ts'
import type { AdapterReader } from './reader.ts'

export const potter: AdapterReader = {
  name: 'potter',
  title: 'The potter',
  formats: ['kohya'],
  read: (files) => ({
    layers: new Map(),
    dropped: [...(files[0]?.tensors.keys() ?? [])].map((key) => ({ key, reason: because('reader-no-layer', 'The program has no layer of this name.') })),
    notes: [],
  }),
}
`,
})
afterAll(() => program[Symbol.dispose]())
const at = (name: string): string => join(program.root, name)

test('an export that it is for, and that it does not read, fails with its name', async () => {
  const adapter = await randomAdapter(embeddedPath, 'style')
  const modules = moduleShapes(await openCheckpoint(embeddedPath))
  await writeAdapter(adapter, 'kohya', at('style.safetensors'), { modules, precision: 'fp32' })
  const asked = ['export', at('style.safetensors'), '--to', 'kohya', '--out', at('out.safetensors'), '--model', embeddedPath]
  expect((await program.pigment(...asked)).code).toBe(0)
  const { code, text } = await program.pigment(...asked, '--check')
  expect(code).not.toBe(0)
  expect(text).toContain('The potter loads 0 of')
})
