// The cache of Hugging Face: models--OWNER--NAME/snapshots/REVISION/, a tree of links to ../../blobs/.
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readRegular } from '../files/regular-file.ts'

/** Whether a folder with these entries is a model's in the cache. */
export const isHubCache = (names: readonly string[]): boolean => names.includes('snapshots') && !names.includes('model_index.json')

/** The newest snapshot of a model's folder in the cache; any other path as it is. */
export async function hubSnapshot(path: string): Promise<string> {
  if (!isHubCache(await readdir(path))) return path
  const snapshots = await readdir(join(path, 'snapshots'))
  // The name of a revision, which a cache that was copied by hand may lack.
  const main = await readRegular(join(path, 'refs', 'main'), 1000).then(
    (bytes) => new TextDecoder().decode(bytes),
    () => '',
  )
  const revision = snapshots.find((name) => name === main.trim()) ?? (snapshots.length === 1 ? snapshots[0] : undefined)
  return revision === undefined ? path : join(path, 'snapshots', revision)
}

/** What a person calls a folder: the model of a snapshot, whose own name is a hash. */
export function folderName(path: string): string {
  const above = dirname(path)
  const [, model] = basename(above) === 'snapshots' ? (/^models--(?:.*--)?(.+)$/.exec(basename(dirname(above))) ?? []) : []
  return model ?? basename(path)
}
