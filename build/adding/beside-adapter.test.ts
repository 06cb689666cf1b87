// A kind of file that another program writes beside an adapter is one file: put beside the others, it is found under the adapter's name, read, and its
// word laid over that of the rest. Nothing else may know such kinds by name.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type * as Reading from '../../main/operations/tools/read-beside.ts'
import type * as Folder from '../../main/stores/adapter-folder.ts'
import { programWith } from './testing-program.ts'

const program = await programWith({
  'main/operations/beside/slate.ts': `import { fieldsIn, known, textIn, wordsIn, type BesideFormat } from './beside.ts'
export const slate: BesideFormat = {
  name: 'slate',
  ending: '.slate',
  read: (json) => known({ model: textIn(fieldsIn(json).called), words: wordsIn(fieldsIn(json).says) }),
}
`,
})
afterAll(() => program[Symbol.dispose]())

test('it is seen beside its adapter, followed, and read', async () => {
  const folder = join(program.root, 'work/shelf')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'ink.safetensors'), '')
  await writeFile(join(folder, 'ink.slate'), '{"called": "Ink", "says": ["inky"]}')
  await writeFile(join(folder, 'ink.json'), '{"activation text": "drawn"}')
  const { seeFolder } = await program.load<typeof Folder>('main/stores/adapter-folder.ts')
  const [ink] = (await seeFolder('', folder)).adapters
  expect(ink?.beside.map((path) => path.slice(folder.length + 1)).sort()).toEqual(['ink.json', 'ink.slate'])
  const { readBeside } = await program.load<typeof Reading>('main/operations/tools/read-beside.ts')
  const { facts, problems } = await readBeside({ paths: ink?.beside ?? [] })
  expect([facts.model, facts.words?.toSorted(), problems]).toEqual(['Ink', ['drawn', 'inky'], []])
})
