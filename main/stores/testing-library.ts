// A library of files that hold nothing, for tests of names: what the engine would say of each is made up.
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AdapterFacts } from '../operations/tools/inspect-adapter.ts'
import { Library } from './library.ts'
import { MediaNames } from './media.ts'
import { Trash } from './trash.ts'

/** Entries in the order of `titles`: file name → title. `more`: what else is said of a file, by its name. */
export async function libraryOf(
  root: string,
  titles: Readonly<Record<string, string>>,
  more: Readonly<Record<string, Partial<AdapterFacts>>> = {},
): Promise<Library> {
  const [folder, given] = [join(root, 'library'), join(root, 'given')]
  for (const path of [folder, given, join(root, 'trash')]) await mkdir(path, { recursive: true })
  const facts = (path: string): AdapterFacts => ({
    kind: 'adapter',
    format: 'kohya',
    family: 'sd15',
    base: '',
    width: 0,
    layers: 1,
    layersByNetwork: {},
    ranks: [4],
    triggers: [],
    title: titles[basename(path)] ?? '',
    metadata: [],
    leftOut: [],
    content: '',
    ...more[basename(path)],
  })
  const tools = { call: async (_: string, { path }: { path: string }) => facts(path) }
  const library = await Library.open({ folder, trash: new Trash(join(root, 'trash')), media: new MediaNames(), tools: tools as never })
  for (const name of Object.keys(titles)) {
    await writeFile(join(given, name), name)
    await library.import(join(given, name))
  }
  return library
}
