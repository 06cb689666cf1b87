// CUDA's libraries in the data folder: one folder for each version of the runtime, whole or not there. The runtime's own library lies in it too, as a copy:
// it looks for its providers beside itself, and its package may be read-only.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileError } from '../files/file-error.ts'
import { runtimeLibrary, type BoundRuntime } from './bound.ts'
import { cudaVariable, manifestName } from './installation-names.ts'

const manifest = z.object({
  version: z.literal(1),
  runtime: z.string(),
  cuda: z.number(),
  /** In the order in which they can be loaded, each after those that it asks for. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string(), from: z.string(), version: z.string().nullable() })),
})
export type Manifest = z.infer<typeof manifest>
export type InstalledFile = Manifest['files'][number]

export interface Installation {
  readonly folder: string
  /** Undefined where it cannot be read: half an installation. */
  readonly manifest: Manifest | undefined
  /** Files that are missing or of another size. */
  readonly broken: readonly string[]
  readonly bytes: number
}

export const cudaFolder = (data: string): string => join(data, 'cuda')
export const installationFolder = (data: string, runtime: string): string => join(cudaFolder(data), `onnxruntime-${runtime}`)

/** Asks sizes alone: fast enough for every start. */
export function installationIn(data: string, runtime: string): Installation | undefined {
  const folder = installationFolder(data, runtime)
  if (!existsSync(folder)) return undefined
  const told = manifestIn(folder)
  const files = told?.files ?? []
  const broken = files.filter(({ name, bytes }) => statSync(join(folder, name), { throwIfNoEntry: false })?.size !== bytes)
  return {
    folder,
    manifest: told?.runtime === runtime ? told : undefined,
    broken: broken.map(({ name }) => name),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

export const isWhole = (installation: Installation | undefined): installation is Installation & { readonly manifest: Manifest } =>
  installation?.manifest !== undefined && installation.broken.length === 0

function manifestIn(folder: string): Manifest | undefined {
  try {
    return manifest.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')))
  } catch {
    return undefined
  }
}

/** The environment of a process that may compute with an installation; empty where there is none that is whole and made with this very runtime. */
export function cudaEnvironment(data: string, bound: BoundRuntime): Readonly<Record<string, string>> {
  const installation = installationIn(data, bound.version)
  if (!isWhole(installation)) return {}
  const own = statSync(join(bound.folder, runtimeLibrary), { throwIfNoEntry: false })?.size
  const copy = installation.manifest.files.find(({ name }) => name === runtimeLibrary)?.bytes
  return own === copy ? { [cudaVariable]: installation.folder } : {}
}

/** Removes every installation, of other versions and unfinished ones too, and gives the bytes that they took. */
export async function removeInstallations(data: string): Promise<number> {
  const folder = cudaFolder(data)
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const bytes = names.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
  await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
    throw fileError(error, folder, 'write')
  })
  return bytes
}
