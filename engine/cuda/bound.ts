// The runtime that this program is bound to: its version and where its libraries lie, without loading it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface BoundRuntime {
  readonly version: string
  /** Of its libraries for this system. */
  readonly folder: string
  /** Of its package. */
  readonly root: string
}

/** Throws where the package is not there. */
export function boundRuntime(): BoundRuntime {
  const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  // In a packed app it lies beside the archive: the loader cannot read inside it.
  const root = dirname(file).replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
  return { version, root, folder: join(root, 'bin', 'napi-v6', process.platform, process.arch) }
}

export const runtimeLibrary = 'libonnxruntime.so.1'
export const providerLibrary = 'libonnxruntime_providers_cuda.so'
/** Through which the runtime and its providers reach each other. */
export const sharedProviderLibrary = 'libonnxruntime_providers_shared.so'
