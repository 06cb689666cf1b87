// Where libraries lie: the folders that the system's loader searches (ld.so(8)), and those of toolkits that it does not.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { Surroundings } from './surroundings.ts'

const triplet: Readonly<Record<string, string>> = { 'linux-x64': 'x86_64-linux-gnu', 'linux-arm64': 'aarch64-linux-gnu' }
/** Files that include one another are followed so far. */
const depth = 4

/** In the loader's order: LD_LIBRARY_PATH, what `ld.so.conf` names, the usual ones. */
export async function loaderFolders({ system, root, environment }: Surroundings): Promise<readonly string[]> {
  if (!system.startsWith('linux')) return []
  const own = (environment.LD_LIBRARY_PATH ?? '').split(/[:;]/).filter(isAbsolute)
  const usual = ['/lib', '/usr/lib'].flatMap((folder) => [`${folder}/${triplet[system] ?? ''}`, `${folder}64`, folder])
  const configured = await foldersIn(join(root, 'etc/ld.so.conf'), root, depth)
  return [...new Set([...own, ...[...configured, ...usual].map((folder) => join(root, folder))])]
}

async function foldersIn(file: string, root: string, left: number): Promise<string[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').map((line) => line.replace(/#.*/, '').trim())
  const found: string[] = []
  for (const line of lines) {
    const pattern = /^include\s+(.+)$/.exec(line)?.[1]
    if (pattern && left > 0) for (const one of await matching(pattern, file, root)) found.push(...(await foldersIn(one, root, left - 1)))
    else if (isAbsolute(line)) found.push(line)
  }
  return found
}

/** Patterns of one star in the last part are all that systems write there. */
async function matching(pattern: string, file: string, root: string): Promise<string[]> {
  const whole = isAbsolute(pattern) ? join(root, pattern) : join(dirname(file), pattern)
  const [before = '', after] = basename(whole).split('*')
  if (after === undefined) return [whole]
  const names = await readdir(dirname(whole)).catch(() => [])
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .toSorted()
    .map((name) => join(dirname(whole), name))
}

/** Toolkits where their installers put them, newest first, which the loader may or may not search. */
export async function toolkitFolders({ system, root, environment }: Surroundings): Promise<readonly string[]> {
  if (!system.startsWith('linux')) return []
  const named = ['CUDA_PATH', 'CUDA_HOME', 'CUDNN_PATH'].flatMap((name) => (environment[name] ? [environment[name]] : []))
  const local = await readdir(join(root, 'usr/local')).catch(() => [])
  const numbered = local.filter((name) => /^cuda(-[\d.]+)?$/.test(name)).toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const places = [...named, ...numbered.map((name) => join(root, 'usr/local', name)), join(root, 'opt/cuda')]
  return places.flatMap((place) => [join(place, 'lib64'), join(place, 'lib')])
}
