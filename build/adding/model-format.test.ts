// A form of merged models is one file: put into its folder, it is in the help and the terminal writes it. Nothing else knows forms by name.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { moduleShapes } from '../../engine/adapter-formats/base-modules.ts'
import { writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomAdapter } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/model-formats/list.ts': `import { writeFile } from 'node:fs/promises'
import type { ModelFormat } from './model-format.ts'
import { changesOf } from './writing.ts'

export const list: ModelFormat = {
  name: 'list',
  use: 'readers of shapes',
  ending: () => '.txt',
  async write(base, stack, out) {
    const changes = changesOf(base, stack)
    await writeFile(out, changes.map(({ source }) => source.shape.join('x')).join(' '))
    return { files: [out], bytes: 0, changed: changes.length }
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const at = (name: string): string => join(program.root, name)

test('it is in the help, and written', async () => {
  const { text } = await program.pigment('bake', '--help')
  expect(text).toContain('list: readers of shapes')
  const adapter = await randomAdapter(embeddedPath, 'style')
  const modules = moduleShapes(await openCheckpoint(embeddedPath))
  await writeAdapter(adapter, 'kohya', at('style.safetensors'), { modules, precision: 'fp32' })
  const { code } = await program.pigment('bake', embeddedPath, '--lora', at('style.safetensors'), '--to', 'list', '--out', at('all.txt'))
  expect(code).toBe(0)
  expect((await readFile(at('all.txt'), 'utf8')).split(' ')).toHaveLength(adapter.modules.length)
})
