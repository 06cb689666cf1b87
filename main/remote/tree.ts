// Files and folders in a store of contents: each file by its hash, and a list that says where it lies.
import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { hashOfFile, verified, type ContentHash, type ContentStore } from './content-store.ts'
import { inside } from './parcel.ts'

export const tree = z.object({
  /** Of the file or folder. */
  name: z.string(),
  /** By place below it; a file alone is the one at ''. */
  files: z.array(z.object({ place: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number() })),
})
export type Tree = z.output<typeof tree>

/** What lies at a path, with its hashes. What begins with a dot is a system's or a program's own, and is left. */
export async function treeAt(path: string, name: string): Promise<Tree> {
  const places = (await isFolder(path)) ? await placesIn(path) : ['']
  const files: Tree['files'] = []
  for (const place of places.toSorted())
    files.push({
      place,
      ...(await hashOfFile(join(path, place)).catch((error: unknown) => Promise.reject(fileError(error, join(path, place), 'read')))),
    })
  return { name, files }
}

/** Sends what the store does not have yet. `before` each file; what it throws ends it. */
export async function sendTree(
  store: ContentStore,
  path: string,
  { files }: Tree,
  nameOf: (hash: ContentHash) => string,
  before: () => void = () => undefined,
): Promise<void> {
  const sent = new Set<ContentHash>()
  for (const { place, hash } of files) {
    before()
    if (sent.has(hash)) continue
    sent.add(hash)
    if (!(await store.has(nameOf(hash)))) await store.put(nameOf(hash), join(path, place))
  }
}

/** Writes it at a path: each file whole and verified, or not at all. One that is there with the same bytes is left. */
export async function fetchTree(store: ContentStore, path: string, { files }: Tree, nameOf: (hash: ContentHash) => string): Promise<void> {
  for (const { place, hash, bytes } of files) {
    const at = place === '' ? path : inside(path, place)
    if (await isSame(at, hash, bytes)) continue
    await mkdir(dirname(at), { recursive: true })
    await writeFileAtomic(at, verified(store, nameOf(hash), hash))
  }
}

async function isSame(path: string, hash: ContentHash, bytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.size === bytes && found.isFile() && (await hashOfFile(path)).hash === hash
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => Promise.reject(fileError(error, path, 'read')),
  )

async function placesIn(folder: string, before = ''): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(join(folder, before))) {
    if (entry.startsWith('.')) continue
    const place = before === '' ? entry : `${before}/${entry}`
    const kind = await stat(join(folder, place)).catch(() => undefined)
    if (kind?.isDirectory()) found.push(...(await placesIn(folder, place)))
    else if (kind?.isFile()) found.push(place)
  }
  return found
}
