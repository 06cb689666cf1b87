// Puts CUDA's libraries into the data folder, out of what a person has. All of it goes into a folder of its own first and takes its name at the end,
// so that there is a whole installation or the one from before.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../files/file-error.ts'
import { byteSize } from '../requests/byte-size.ts'
import { PigmentError } from '../requests/error.ts'
import { toldReason, type Reason } from '../requests/reason.ts'
import { providerLibrary, runtimeLibrary, sharedProviderLibrary, type BoundRuntime } from './bound.ts'
import { ofSystem, wantedParts } from './choose-parts.ts'
import { cudaFolder, installationFolder, type InstalledFile, type Manifest } from './installation.ts'
import { manifestName, unfinished } from './installation-names.ts'
import { readLibrary, type SharedLibrary } from './library.ts'
import type { Look } from './look.ts'
import { collectParts, loosePart, type Part } from './parts.ts'
import { problems } from './problems.ts'
import { providerVersion } from './provider-version.ts'
import { releaseOf } from './releases.ts'
import { loadOrder } from './load-order.ts'
import { unpackPart } from './unpack-part.ts'

export interface Installing extends Look {
  /** Files and folders to take from. */
  readonly from: readonly string[]
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number) => void
}

export interface Installed {
  readonly folder: string
  readonly files: readonly InstalledFile[]
  /** What lay there and was not taken, with the reason. */
  readonly passedOver: readonly Reason[]
}

/** What stays free on the disk. */
const reserve = 512 * 2 ** 20

/**
 * Takes the provider of the bound version and what it asks for; libraries of installations from before count as given. Throws `cuda-nothing-found`,
 * `cuda-provider-version`, `cuda-hash`, `package-refused`, `disk-full` and the like; then nothing has changed.
 */
export async function installCuda({ data, bound, around, from, signal, progress }: Installing): Promise<Installed> {
  const folder = installationFolder(data, bound.version)
  const before = await earlierFolders(data)
  await using collected = await collectParts([...from, ...before, bound.folder], signal)
  const { mine, others } = await ofSystem(collected.parts, around.system)
  const staging = join(cudaFolder(data), `${randomUUID()}${unfinished}`)
  try {
    await mkdir(staging, { recursive: true, mode: 0o700 })
    const provider = await takeProvider(mine, staging, bound.version, signal, () => nothingFound(from, others, collected.refused))
    const release = releaseOf(provider.library.needed)
    if (!release) throw refused(problems.providerCuda(provider.part.from))
    const wanted = new Map([...wantedParts(release, mine)])
    const shared =
      mine.find(({ name, from: origin }) => name === sharedProviderLibrary && origin === provider.part.from) ??
      named(mine, sharedProviderLibrary)
    if (shared) wanted.set(sharedProviderLibrary, shared)
    const total = [provider.part, ...wanted.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    await room(staging, total - provider.part.bytes)
    let done = provider.part.bytes
    const files: InstalledFile[] = [provider.file]
    const libraries = new Map<string, SharedLibrary>([[providerLibrary, provider.library]])
    for (const [name, part] of wanted) {
      const file = await unpackPart(part, staging, name, signal, (bytes) => progress((done += bytes), total))
      libraries.set(name, await checked(join(staging, name), name, around.system))
      files.push(file)
    }
    files.push(await unpackPart(await ownRuntime(bound), staging, runtimeLibrary, signal))
    const order = loadOrder(libraries)
    const manifest: Manifest = {
      version: 1,
      runtime: bound.version,
      cuda: release.major,
      files: files.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
    }
    await writeFile(join(staging, manifestName), `${JSON.stringify(manifest, undefined, 1)}\n`)
    signal.throwIfAborted()
    await takeName(staging, folder)
    for (const old of before) if (old !== folder) await rm(old, { recursive: true, force: true })
    const missing = collected.refused.map(({ code, message }): Reason => ({ code, message, facts: {} }))
    return { folder, files: manifest.files, passedOver: [...others, ...missing] }
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined)
    if (error instanceof PigmentError || signal.aborted) throw error
    throw fileError(error, staging, 'write')
  }
}

const named = (parts: readonly Part[], name: string): Part | undefined => parts.find((part) => part.name === name)

/** The runtime's own library, of the very package that this program is bound to. */
const ownRuntime = async ({ folder, version }: BoundRuntime): Promise<Part> => ({
  ...(await loosePart(join(folder, runtimeLibrary))),
  from: `onnxruntime-node ${version}`,
  version,
})

interface TakenProvider {
  readonly part: Part
  readonly file: InstalledFile
  readonly library: SharedLibrary
}

/** The first whose text says that it is of this version; what its package says does not count. */
async function takeProvider(
  mine: readonly Part[],
  staging: string,
  version: string,
  signal: AbortSignal,
  none: () => PigmentError,
): Promise<TakenProvider> {
  const others = new Set<string>()
  const candidates = mine.filter(({ name }) => name === providerLibrary)
  const likely = candidates.toSorted((a, b) => Number(b.version === version) - Number(a.version === version))
  for (const part of likely) {
    await room(staging, part.bytes)
    const path = join(staging, providerLibrary)
    const file = await unpackPart(part, staging, providerLibrary, signal)
    const found = await providerVersion(path, version)
    const library = await readLibrary(path)
    if (found === version && library) return { part, file, library }
    others.add(found ?? 'unknown')
    await rm(path)
  }
  throw others.size > 0 ? refused(problems.providerVersion([...others].join(', '), version)) : none()
}

/** What was written is what it should be: of this system, and under the name by which the loader asks for it. */
async function checked(path: string, name: string, system: string): Promise<SharedLibrary> {
  const library = await readLibrary(path)
  if (library?.system !== system) throw refused(problems.foreign(name, library?.system ?? 'nothing known', system))
  if (library.soname !== undefined && library.soname !== name)
    throw new PigmentError('cuda-name', `"${name}" calls itself "${library.soname}". Take it from NVIDIA's own package.`, {
      name,
      soname: library.soname,
    })
  return library
}

const refused = (reason: Reason): PigmentError => new PigmentError(reason.code, reason.message, { ...reason.facts })

function nothingFound(from: readonly string[], others: readonly Reason[], broken: readonly PigmentError[]): PigmentError {
  const [other] = others
  const said = broken[0]?.message ?? (other && toldReason(other))
  return new PigmentError(
    'cuda-nothing-found',
    `There is no CUDA provider for this system in ${from.map((path) => `"${path}"`).join(', ') || 'what was given'}.${said ? ` ${said}` : ''} Give the folder that holds the runtime's NuGet package (Microsoft.ML.OnnxRuntime.Gpu.Linux) or its wheel (onnxruntime-gpu), and NVIDIA's wheels.`,
    { from: [...from], ...(said === undefined ? {} : { said }) },
  )
}

async function room(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free < bytes + reserve)
    throw new PigmentError(
      'disk-full',
      `CUDA's libraries take ${byteSize(bytes)}, and the disk that holds "${folder}" has ${byteSize(free)} free; ${byteSize(reserve)} of it are kept. Free some space.`,
      { bytes, free, reserve },
    )
}

/** Installations from before, of this version of the runtime and of others. */
async function earlierFolders(data: string): Promise<string[]> {
  const names = await readdir(cudaFolder(data)).catch(() => [])
  return names.filter((name) => name.startsWith('onnxruntime-')).map((name) => join(cudaFolder(data), name))
}

/** Between the two renames there is none, which the next start reads as none. */
async function takeName(staging: string, folder: string): Promise<void> {
  const old = `${folder}-${randomUUID()}${unfinished}`
  const moved = await rename(folder, old).then(
    () => true,
    () => false,
  )
  await rename(staging, folder)
  if (moved) await rm(old, { recursive: true, force: true })
}
