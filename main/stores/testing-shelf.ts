// A library in a folder, with the operations that read its files in this very process, counted; and adapters to put into it.
import { mkdir, mkdtemp, rename, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { fakeContext, randomAdapter } from '../operations/testing.ts'
import { toolOperations } from '../operations/tools/index.ts'
import { embeddedModel } from '../places/embedded.ts'
import type { StoredPicture } from './gallery.ts'
import { Library, type CardNews } from './library.ts'
import { MediaNames } from './media.ts'
import { Trash } from './trash.ts'

export interface Shelf {
  readonly at: (...parts: string[]) => string
  readonly calls: string[]
  readonly news: CardNews[]
  pictures: StoredPicture[]
  readonly library: () => Library
  /** Once more on the same folder. */
  open(watched?: boolean): Promise<void>
  close(): Promise<void>
}

export async function testingShelf(): Promise<Shelf> {
  const root = await mkdtemp(join(tmpdir(), 'pigment-shelf-'))
  const at = (...parts: string[]): string => join(root, ...parts)
  for (const name of ['library', 'trash']) await mkdir(at(name))
  const calls: string[] = []
  const tools = {
    call(name: keyof typeof toolOperations, input: never) {
      calls.push(name)
      return toolOperations[name](input, fakeContext() as never)
    },
  }
  let library: Library | undefined
  const shelf: Shelf = {
    at,
    calls,
    news: [],
    pictures: [],
    library() {
      if (!library) throw new Error('The library is used before it is open.')
      return library
    },
    async open(watched = true) {
      await library?.close()
      const [trash, media] = [new Trash(at('trash')), new MediaNames()]
      library = await Library.open({ folder: at('library'), trash, media, tools: tools as never, pictures: () => shelf.pictures })
      if (watched) await library.watch((news) => void shelf.news.push(news))
    },
    async close() {
      await library?.close()
      await rm(root, { recursive: true, force: true })
    },
  }
  await shelf.open()
  return shelf
}

const modules = moduleShapes(await openCheckpoint(embeddedModel()))

/** A file of random pairs on the embedded model, as one that has been there for long: it comes whole and old, so that nobody sees it being made. */
export async function putAdapter(path: string, seed: number, metadata: Record<string, string> = {}): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const made = await randomAdapter(embeddedModel(), 'made', seed)
  const workshop = await mkdtemp(join(tmpdir(), 'pigment-made-'))
  const whole = join(workshop, basename(path))
  await writeAdapter({ ...made, metadata }, 'kohya', whole, { modules, precision: 'fp16', metadata })
  const before = new Date(Date.now() - 3_600_000 + seed * 1000)
  await utimes(whole, before, before)
  await rename(whole, path)
  await rm(workshop, { recursive: true })
}
