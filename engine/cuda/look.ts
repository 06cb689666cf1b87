// What CUDA needs here, what of it is here, and what is wrong: by reading files. Nothing is loaded and nothing is changed.
import { dirname } from 'node:path'
import type { CudaLibrary, CudaState } from '../requests/cuda.ts'
import type { Reason } from '../requests/reason.ts'
import { providerLibrary, type BoundRuntime } from './bound.ts'
import { cardsAndDriver, type CardsAndDriver } from './cards.ts'
import { closureOf } from './closure.ts'
import { findLibrary, namesLike, type FoundLibrary } from './find-library.ts'
import { installationIn, isWhole, type Installation } from './installation.ts'
import { loaderFolders, toolkitFolders } from './loader-folders.ts'
import { problems } from './problems.ts'
import { providerVersion } from './provider-version.ts'
import { cudaReleases, cudnnMajor, driverLibrary, isBelow, releaseOf, type CudaRelease } from './releases.ts'
import type { Surroundings } from './surroundings.ts'

export interface Look {
  /** The data folder. */
  readonly data: string
  readonly bound: BoundRuntime
  readonly around: Surroundings
}

export async function cudaState({ data, bound, around }: Look): Promise<CudaState> {
  const { system } = around
  const machine = await cardsAndDriver(around)
  const base = { system, runtime: bound.version, cards: machine.cards, driver: machine.driver }
  const nothing = { ready: false, cuda: null, provider: null, libraries: [], installed: null }
  const impossible = impossibleHere(system, machine)
  if (impossible) return { ...base, ...nothing, impossible: true, problems: [impossible] }

  const installation = installationIn(data, bound.version)
  const whole = isWhole(installation)
  const told: Reason[] = [...(installation && !whole ? [problems.half(installation.folder, installation.broken)] : [])]
  const foreign = (path: string, found: string): void => void told.push(problems.foreign(path, found, system))
  const provider = await findLibrary(providerLibrary, [...(whole ? [installation.folder] : []), bound.folder], system, foreign)
  if (!provider) told.push(problems.providerMissing(bound.version))
  const version = provider && (await versionOf(provider, installation, bound.version))
  if (provider && version !== bound.version) told.push(problems.providerVersion(version ?? null, bound.version))
  const release = provider && releaseOf(provider.library.needed)
  if (provider && !release) told.push(problems.providerCuda(provider.path))
  const shown = release ?? newestFor(machine.driver)

  const places = {
    installed: whole ? [installation.folder] : [],
    system: await loaderFolders(around),
    toolkit: await toolkitFolders(around),
  }
  const libraries = await librariesOf(shown, system, places, installation, foreign)
  if (provider && release) told.push(...(await missingOf(provider, release, system, places)))
  return {
    ...base,
    impossible: false,
    ready: told.length === 0 && machineProblems(machine, shown, release).length === 0,
    problems: [...machineProblems(machine, shown, release), ...told],
    cuda: release?.major ?? null,
    provider: provider ? { version: version ?? null, path: provider.path } : null,
    libraries,
    installed: installation ? { folder: installation.folder, bytes: installation.bytes, whole } : null,
  }
}

function impossibleHere(system: string, { cards }: CardsAndDriver): Reason | undefined {
  if (system.startsWith('win32')) return problems.windows(cards[0]?.name ?? 'every card')
  return system === 'linux-x64' ? undefined : problems.system(system)
}

/** Of the card and the driver, which no installation mends. */
function machineProblems({ card, cards, driver, library }: CardsAndDriver, shown: CudaRelease, release: CudaRelease | undefined): Reason[] {
  if (!card) return [problems.noCard()]
  const needed = shown.driver.linux
  if (!library) return [problems.noDriver(needed)]
  // What is not installed yet may come for an older CUDA.
  const asked = release ?? (driver && isBelow(driver, needed) ? shown : undefined)
  if (asked && driver && isBelow(driver, asked.driver.linux)) return [problems.driverOld(driver, asked.driver.linux, asked.major)]
  const able = cards.filter(({ capability }) => !capability || !isBelow(capability, shown.capability))
  const [first] = cards
  return first?.capability && able.length === 0 ? [problems.cardOld(first.name, first.capability, shown.capability, shown.major)] : []
}

/** The newest CUDA that a driver knows; the oldest where it knows none. */
const newestFor = (driver: string | null): CudaRelease =>
  cudaReleases.find(({ driver: { linux } }) => !driver || !isBelow(driver, linux)) ?? (cudaReleases.at(-1) as CudaRelease)

async function versionOf(provider: FoundLibrary, installation: Installation | undefined, bound: string): Promise<string | null> {
  // What was installed was asked then.
  return installation && dirname(provider.path) === installation.folder ? bound : await providerVersion(provider.path, bound)
}

interface Places {
  readonly installed: readonly string[]
  readonly system: readonly string[]
  readonly toolkit: readonly string[]
}

async function librariesOf(
  { libraries }: CudaRelease,
  system: string,
  places: Places,
  installation: Installation | undefined,
  foreign: (path: string, system: string) => void,
): Promise<CudaLibrary[]> {
  const rows: CudaLibrary[] = []
  for (const { name, title, optional = false } of libraries) {
    const row = { name, title, optional, version: null, where: 'missing' as CudaLibrary['where'], path: null }
    for (const where of ['installed', 'system', 'toolkit'] as const) {
      const found = await findLibrary(name, places[where], system, foreign)
      if (!found) continue
      const listed = where === 'installed' ? installation?.manifest?.files.find((file) => file.name === name)?.version : undefined
      Object.assign(row, { where, path: found.path, version: listed ?? found.version })
      break
    }
    rows.push(row)
  }
  return rows
}

/** What the provider would not find, with what the libraries load by name while they work. */
async function missingOf(provider: FoundLibrary, release: CudaRelease, system: string, places: Places): Promise<Reason[]> {
  const searched = [...places.installed, ...places.system]
  const known = new Map<string, FoundLibrary | undefined>([[providerLibrary, provider]])
  const look = async (name: string): Promise<void> => {
    if (known.has(name)) return
    const found = await findLibrary(name, searched, system)
    known.set(name, found)
    for (const needed of found?.library.needed ?? []) await look(needed)
  }
  for (const needed of provider.library.needed) await look(needed)
  const byName = release.libraries.filter(({ optional }) => !optional).map(({ name }) => name)
  for (const name of byName) await look(name)
  // The driver is told by itself.
  const { missing } = closureOf(
    [providerLibrary, ...byName],
    (name) => known.get(name)?.library,
    (name) => name === driverLibrary,
  )
  return Promise.all(missing.map(({ name, by }) => missingReason(name, by || 'the provider', release, system, places)))
}

async function missingReason(name: string, by: string, release: CudaRelease, system: string, places: Places): Promise<Reason> {
  const apart = await findLibrary(name, places.toolkit, system)
  if (apart) return problems.toolkit(name, dirname(apart.path))
  const stem = name.replace(/\.so\..*$/, '')
  const others = await namesLike(new RegExp(`^${stem}\\.so\\.\\d+$`), [...places.system, ...places.toolkit])
  const [other] = others
  if (other && stem === 'libcudnn') return problems.cudnnMajor(other, cudnnMajor)
  return other ? problems.cudaMajor(other, release.major) : problems.missing(name, by)
}
