// A file format of adapters is one file, with its own names of modules and its own folder: put into its folder, it is in the help and in the export
// dialog's list, files are read by it and told by its title, and an export in it is proven. Nothing else may know formats by name.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeAdapter } from '../../engine/adapter-formats/read.ts'
import { moduleShapes } from '../../engine/adapter-formats/base-modules.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { randomAdapter } from '../../main/operations/testing.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'engine/adapter-formats/clay.ts': `import { serializeSafetensors } from '../files/safetensors.ts'
import { basename, dirname } from 'node:path'
import type { AdapterModule } from '../adapters/adapter.ts'
import { carriedMetadata, recognisedBy, storedAlphas, storedModules, type AdapterFormat } from './format.ts'
const stem = ({ component, path }: Pick<AdapterModule, 'component' | 'path'>): string => 'clay:' + component + ':' + path
export const clay: AdapterFormat = {
  name: 'clay',
  title: 'Clay (a folder of potters)',
  container: 'folder',
  use: 'potters',
  folder: { file: 'clay.safetensors', says: 'Clay' },
  recognise: (file) => recognisedBy(file, (key) => key.startsWith('clay:'), 'begins with clay:'),
  spellings: (module) => [stem(module)],
  reading: ({ path }) => ({ name: basename(dirname(path)) }),
  write(adapter, { precision, metadata = adapter.metadata }) {
    const tensors = [...storedModules(adapter.modules, precision, 'kohya', stem), ...storedAlphas(adapter.modules, stem)]
    return [{ name: 'clay.safetensors', bytes: serializeSafetensors(tensors, carriedMetadata(metadata)) }]
  },
}
`,
})
afterAll(() => program[Symbol.dispose]())
const at = (name: string): string => join(program.root, name)

test('it is in the help of the terminal, and what it is for', async () => {
  const { text } = await program.pigment('export', '--help')
  expect(text).toContain('clay for potters')
  expect(text).toMatch(/[(]one of kohya, clay, diffusers, ldm, lycoris, peft[)]/)
  expect(text).toContain('(clay, peft: always a folder)')
  expect(await program.pigment('export', 'a.safetensors', '--to', 'mud', '--out', 'b')).toMatchObject({ code: 2 })
})

test('the contract takes it and the dialog’s list has it', async () => {
  const { exportFormats } = await program.load<typeof import('../../engine/requests/adapter-formats.ts')>(
    'engine/requests/adapter-formats.ts',
  )
  expect(exportFormats.map(({ name }) => name as string)).toContain('clay')
  const { commands } = await program.load<typeof import('../../main/commands/index.ts')>('main/commands/index.ts')
  expect(commands['library.exportPreview'].input.parse({ adapter: 'a', to: 'clay' })).toMatchObject({ to: 'clay' })
})

test('an export in it is read back and says the same, and so is what it is', async () => {
  const adapter = await randomAdapter(embeddedPath, 'style')
  const modules = moduleShapes(await openCheckpoint(embeddedPath))
  await writeAdapter(adapter, 'kohya', at('style.safetensors'), { modules, precision: 'fp32' })
  const { code, text } = await program.pigment('export', at('style.safetensors'), '--to', 'clay', '--out', at('style'), '--json')
  expect(text).toContain('"identical":true')
  expect(code).toBe(0)
  expect(readdirSync(at('style'))).toEqual(['clay.safetensors'])
  const { entries } = await openSafetensors(at('style/clay.safetensors'))
  expect([...entries.keys()].every((key) => key.startsWith('clay:unet:'))).toBe(true)

  const inspected = await program.pigment('inspect', at('style'), '--json')
  expect(inspected).toMatchObject({ code: 0, text: expect.stringContaining('Clay (a folder of potters)') as unknown })
  const { readAdapter } = await program.load<typeof import('../../engine/adapter-formats/read.ts')>('engine/adapter-formats/read.ts')
  const read = await readAdapter(at('style'), modules)
  expect(read).toMatchObject({ name: 'style', skipped: [] })
  expect(read.modules).toHaveLength(adapter.modules.length)
})
