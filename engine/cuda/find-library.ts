// One library of this machine: where it would be loaded from, or why it would not.
import { stat, readdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readLibrary, type SharedLibrary } from './library.ts'

export interface FoundLibrary {
  readonly name: string
  readonly path: string
  readonly library: SharedLibrary
  /** By the number that its file carries, e.g. `13.0.2.14` of `libcublas.so.13.0.2.14`; null where it carries only the name's. */
  readonly version: string | null
}

/** The first of `folders` that has it. What is there for another system is passed over, as the loader does, and told to `foreign`. */
export async function findLibrary(
  name: string,
  folders: readonly string[],
  system: string,
  foreign: (path: string, system: string) => void = () => undefined,
): Promise<FoundLibrary | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue
    const library = await readLibrary(path).catch(() => undefined)
    if (library?.system === system) return { name, path, library, version: await versionOf(path, name) }
    foreign(path, library?.system ?? 'nothing: it is damaged')
  }
  return undefined
}

/** Libraries of one kind that lie in any of `folders`, by name: of other versions, say. */
export async function namesLike(pattern: RegExp, folders: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>()
  for (const folder of folders) for (const name of await readdir(folder).catch(() => [])) if (pattern.test(name)) found.add(name)
  return [...found].toSorted()
}

async function versionOf(path: string, name: string): Promise<string | null> {
  const real = basename(await realpath(path))
  const version = /\.so\.([\d.]+)$/.exec(real)?.[1]
  return version && real !== name ? version : null
}
