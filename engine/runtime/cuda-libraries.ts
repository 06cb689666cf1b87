// CUDA's libraries out of the data folder, loaded into this process before the runtime asks the system's loader for them: a library that is loaded already
// is found by its name. So neither the system nor the package of the runtime is changed, and whoever computes without CUDA loads none of it.
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { providerLibrary, runtimeLibrary, sharedProviderLibrary } from '../cuda/bound.ts'
import { cudaVariable, manifestName } from '../cuda/installation-names.ts'

const folder = (): string | undefined => process.env[cudaVariable]

/** Of dlopen(3): what a library loads stays, though Node, which finds no module of its own in it, closes it again. */
const noDelete = 0x1000

/** Undefined where it is loaded; what the loader said where it is not. */
function load(path: string, more = 0): string | undefined {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_LAZY | more | noDelete)
    return undefined
  } catch (error) {
    const { message } = error as Error
    // Node's own complaint that it is no module: the library itself is loaded.
    return message.includes('did not self-register') ? undefined : message
  }
}

/** The runtime's own library from there: it looks for its providers beside itself. Before the binding is loaded. */
export function loadRuntimeCopy(): void {
  const from = folder()
  if (from && process.platform === 'linux' && existsSync(join(from, runtimeLibrary))) load(join(from, runtimeLibrary))
}

let loaded: readonly string[] | undefined

/** The libraries that the CUDA provider asks for. Gives what the loader said of those that it refused. */
export function loadCuda(): readonly string[] {
  return (loaded ??= libraries().flatMap((path) => load(path) ?? []))
}

function libraries(): string[] {
  const from = folder()
  if (!from || process.platform !== 'linux') return []
  const { files } = JSON.parse(readFileSync(join(from, manifestName), 'utf8')) as { files: { name: string }[] }
  const others = new Set([providerLibrary, sharedProviderLibrary, runtimeLibrary])
  // What lies beside cuDNN is loaded by it, as it is needed.
  return files.flatMap(({ name }) => (others.has(name) || /^libcudnn_/.test(name) ? [] : [join(from, name)]))
}

/** Why the provider is not loaded, in the loader's words; the runtime itself only says that it is not. For a process apart: what is loaded stays. */
export function whyNoCuda(providers = folder()): string | undefined {
  const [refused] = loadCuda()
  if (refused !== undefined) return refused
  if (!providers || process.platform !== 'linux') return undefined
  return load(join(providers, sharedProviderLibrary), constants.dlopen.RTLD_GLOBAL) ?? load(join(providers, providerLibrary))
}
