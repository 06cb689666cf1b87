// The programs of this machine that keep models: where people usually have them, and no further. The disk is not searched.
import { readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { answering, type Ask } from '../../engine/files/answering.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { programs } from './programs/index.ts'
import type { Shelf, Surroundings } from './programs/program.ts'

export interface FoundProgram {
  /** Name of the program; '' for a folder that is nobody's, where anything may lie. */
  readonly program: string
  readonly folder: string
  readonly shelves: readonly Shelf[]
}

export const surroundings = (): Surroundings => ({ home: homedir(), environment: process.env, platform: process.platform })

/** Of a folder so many programs are looked at. */
const mostInside = 200
const longestConfig = 1 << 20
/** What people call the folder in which they keep programs, below their own and on a drive. */
const parent =
  /^(ai|apps?|bin|code|data|dev(el)?|git(hub)?|opt|pinokio|programs?|projects?|repos?|sd|src|stable-?diffusion|tools|work(space)?|desktop|documents|downloads)$/i
/** macOS asks its person before a program may read these. */
const asked = /^(desktop|documents|downloads)$/i

/** Programs where they usually are. What cannot be read, or does not answer, is passed over. */
export async function findPrograms(where: Surroundings = surroundings()): Promise<FoundProgram[]> {
  const found: FoundProgram[] = []
  const been = new Set<string>()
  const take = async (folder: string, ask: Ask, inside = true): Promise<void> => {
    const real = await ask(() => realpath(folder)).catch(() => undefined)
    if (real === undefined || been.has(real)) return
    been.add(real)
    const one = await programIn(folder, ask, where)
    if (one) found.push(one)
    // As some are unpacked: `ComfyUI_windows_portable/ComfyUI`, `webui_forge_cu121/webui`.
    else if (inside) for (const name of await programsBelow(folder, ask)) await take(join(folder, name), ask, false)
  }
  const look = (root: string, through: (ask: Ask) => Promise<void>): Promise<void> => answering(root, through).catch(() => undefined)
  for (const folder of programs.flatMap((program) => program.usual?.(where) ?? [])) await look(folder, (ask) => take(folder, ask))
  for (const root of where.roots ?? (await rootsOf(where)))
    await look(root, async (ask) => {
      const parents = (await namesOf(root, ask)).filter((name) => parent.test(name) && !(where.platform === 'darwin' && asked.test(name)))
      for (const folder of [root, ...parents.map((name) => join(root, name))])
        for (const name of await programsBelow(folder, ask)) await take(join(folder, name), ask)
    })
  return found
}

/** A folder that a person names: a program's, or any. Throws what `readdir` throws of it, and `folder-not-answering`. */
export async function programAt(folder: string, where: Surroundings = surroundings()): Promise<FoundProgram> {
  return answering(folder, async (ask) => {
    await ask(() => readdir(folder))
    return (await programIn(folder, ask, where)) ?? { program: '', folder, shelves: [{ path: folder, holds: 'anything' }] }
  })
}

async function programIn(folder: string, ask: Ask, where: Surroundings): Promise<FoundProgram | undefined> {
  const names = await namesOf(folder, ask)
  if (names.length === 0) return undefined
  const text = (file: string): Promise<string> =>
    ask(() => readRegular(join(folder, file), longestConfig)).then(
      (bytes) => new TextDecoder().decode(bytes),
      () => '',
    )
  for (const program of programs) {
    const own = await program.shelves({ path: folder, names, text, surroundings: where })
    if (own) return { program: program.name, folder, shelves: own }
  }
  return undefined
}

const namesOf = (folder: string, ask: Ask): Promise<string[]> => ask(() => readdir(folder)).catch(() => [])

async function programsBelow(folder: string, ask: Ask): Promise<string[]> {
  const names = await namesOf(folder, ask)
  return names.filter((name) => programs.some(({ called }) => called.test(name))).slice(0, mostInside)
}

/** The person's folder, and the drives. */
async function rootsOf({ platform, home }: Surroundings): Promise<readonly string[]> {
  if (platform === 'win32') return [home, ...Array.from('CDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => `${letter}:\\`)]
  if (platform === 'darwin') return [home]
  const mounted = ['/mnt', '/media', join('/media', basename(home)), join('/run/media', basename(home))]
  const drives = await Promise.all(
    mounted.map(async (folder) => {
      const names = await answering(folder, (ask) => namesOf(folder, ask)).catch((): string[] => [])
      return names.slice(0, mostInside).map((name) => join(folder, name))
    }),
  )
  return [...new Set([home, '/', ...drives.flat()])]
}
