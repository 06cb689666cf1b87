// A library of files that hold nothing, for tests of names: what the engine would say of each is made up.
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Library } from './library.ts'
import { MediaNames } from './media.ts'
import { Trash } from './trash.ts'

/** Entries in the order of `titles`: file name → title. */
export async function libraryOf(root: string, titles: Readonly<Record<string, string>>): Promise<Library> {
  const [folder, given] = [join(root, 'library'), join(root, 'given')]
  for (const path of [folder, given, join(root, 'trash')]) await mkdir(path, { recursive: true })
  const facts = (path: string) => ({
    format: 'kohya',
    family: 'sd15',
    base: '',
    layers: 1,
    layersByNetwork: {},
    ranks: [4],
    triggers: [],
    title: titles[basename(path)] ?? '',
    metadata: [],
    leftOut: [],
  })
  const tools = { call: async (_: string, { path }: { path: string }) => facts(path) }
  const library = await Library.open({ folder, trash: new Trash(join(root, 'trash')), media: new MediaNames(), tools: tools as never })
  for (const name of Object.keys(titles)) {
    await writeFile(join(given, name), name)
    await library.import(join(given, name))
  }
  return library
}
