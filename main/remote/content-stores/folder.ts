// A folder that all machines see: a network disk, or one of this machine's.
import { createReadStream } from 'node:fs'
import { access, mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { ContentStore, ContentStoreKind } from '../content-store.ts'

export const folder: ContentStoreKind = {
  name: 'folder',
  open: (address) => (/^[a-z][a-z0-9+.-]+:\/\//i.test(address) ? undefined : folderStore(resolve(address))),
}

function folderStore(root: string): ContentStore {
  const at = (name: string): string => join(root, name)
  const has = (name: string): Promise<boolean> =>
    access(at(name)).then(
      () => true,
      () => false,
    )
  return {
    shown: root,
    async look() {
      const found = await stat(root).catch(() => undefined)
      if (!found?.isDirectory())
        throw new PigmentError(
          'store-not-there',
          `There is no folder "${root}" here. Make it, or connect the disk that it lies on; the workers must see the same one.`,
          {
            store: root,
          },
        )
    },
    has,
    async put(name, file) {
      await mkdir(dirname(at(name)), { recursive: true })
      await writeFileAtomic(at(name), piecesOf(file))
    },
    async read(name) {
      if (await has(name)) return piecesOf(at(name))
      throw new PigmentError('content-missing', `"${name}" is not in the shared folder "${root}". Does every machine name the same one?`, {
        store: root,
        name,
      })
    },
    remove: (name) => rm(at(name), { recursive: true, force: true }),
  }
}

/** Opened when it is read: a stream whose file goes away before that would end the process. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Uint8Array>
}
