// NVIDIA's cards and driver: from the kernel's files and the libraries' names, and from NVIDIA's own program where it answers in time.
import { execFile } from 'node:child_process'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CudaCard } from '../requests/cuda.ts'
import { loaderFolders } from './loader-folders.ts'
import { readLibrary } from './library.ts'
import { driverLibrary } from './releases.ts'
import type { Surroundings } from './surroundings.ts'

export interface CardsAndDriver {
  readonly cards: readonly CudaCard[]
  /** E.g. `580.95.05`; null where there is none or its version is not told. */
  readonly driver: string | null
  /** The library by which programs reach it. */
  readonly library: string | null
  /** A card is in the machine, whether or not it has a driver. */
  readonly card: boolean
}

export async function cardsAndDriver(around: Surroundings): Promise<CardsAndDriver> {
  const [told, library, kernel, onBus] = await Promise.all([askSmi(around), libraryOf(around), kernelDriver(around), isOnBus(around)])
  const cards = told?.cards ?? []
  const driver = told?.driver ?? kernel ?? library?.version ?? null
  return { cards, driver, library: library?.path ?? null, card: onBus || cards.length > 0 || driver !== null }
}

const query = 'name,driver_version,compute_cap,memory.total'

async function askSmi({ smi, patience, environment }: Surroundings): Promise<{ cards: CudaCard[]; driver: string | null } | undefined> {
  for (const program of smi) {
    const answer = await new Promise<string | undefined>((done) =>
      execFile(
        program,
        [`--query-gpu=${query}`, '--format=csv,noheader,nounits'],
        { timeout: patience, killSignal: 'SIGKILL', maxBuffer: 1 << 20, windowsHide: true, env: environment, encoding: 'utf8' },
        (error, out) => done(error ? undefined : out),
      ),
    )
    const rows = answer?.split('\n').flatMap((line) => {
      const cells = line.split(',').map((cell) => cell.trim())
      return cells.length === 4 && /^\d+(\.\d+)+$/.test(cells[1] ?? '') ? [cells] : []
    })
    if (!rows || rows.length === 0) continue
    const cards = rows.map(([name = '', , capability = '', megabytes = '']): CudaCard => ({
      name: name.slice(0, 120),
      capability: /^\d+\.\d+$/.test(capability) ? capability : null,
      memoryBytes: /^\d+$/.test(megabytes) ? Number(megabytes) * 2 ** 20 : null,
    }))
    return { cards, driver: rows[0]?.[1] ?? null }
  }
  return undefined
}

/** `libcuda.so.1` is a link to a file that carries the driver's version in its name; on Windows the library tells it. */
async function libraryOf(around: Surroundings): Promise<{ path: string; version: string | null } | undefined> {
  if (around.system.startsWith('win32')) {
    const path = join(around.root, around.environment.SYSTEMROOT ?? 'C:\\Windows', 'System32', 'nvcuda.dll')
    const library = await readLibrary(path).catch(() => undefined)
    return library && { path, version: windowsDriver(library.version) }
  }
  for (const folder of await loaderFolders(around)) {
    const path = join(folder, driverLibrary)
    const real = await realpath(path).catch(() => undefined)
    if (real) return { path, version: /\.so\.(\d+(?:\.\d+)+)$/.exec(basename(real))?.[1] ?? null }
  }
  return undefined
}

/** `32.0.15.8097` stands for driver 580.97: the last five digits. */
export function windowsDriver(version: string | undefined): string | null {
  const digits = version?.split('.').slice(2).join('').slice(-5)
  return digits?.length === 5 ? `${digits.slice(0, 3)}.${digits.slice(3)}` : null
}

async function kernelDriver({ root }: Surroundings): Promise<string | undefined> {
  const module = await readFile(join(root, 'sys/module/nvidia/version'), 'utf8').catch(() => '')
  const line = await readFile(join(root, 'proc/driver/nvidia/version'), 'utf8').catch(() => '')
  return /^\d+(\.\d+)+/.exec(module.trim())?.[0] ?? /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)/.exec(line)?.[1]
}

/** A device of NVIDIA's (0x10de) that is a display or 3D controller (class 0x03…). */
async function isOnBus({ root }: Surroundings): Promise<boolean> {
  const bus = join(root, 'sys/bus/pci/devices')
  for (const device of await readdir(bus).catch(() => [])) {
    const [vendor, kind] = await Promise.all(['vendor', 'class'].map((file) => readFile(join(bus, device, file), 'utf8').catch(() => '')))
    if (vendor?.trim() === '0x10de' && kind?.startsWith('0x03')) return true
  }
  return false
}
