// The window's main process, its worker, the worker's threads and the preload script as single files.
import { join } from 'node:path'
import { build, type InlineConfig, type Plugin } from 'vite'

const root = join(import.meta.dirname, '..', '..')
/** Deep enough that addresses relative to the sources (`../../assets`) lead to the same place. */
export const outFolder = join(root, 'main', 'bundle')

/** Loaded from node_modules at run time. */
const native = ['sharp']
const outside = [/^node:/, 'electron', /^electron\//]

/** Loads a native package where its importer runs: an import of one file's would load it, or fail, before the first line of all. */
const lazyNative: Plugin = {
  name: 'lazy-native',
  enforce: 'pre',
  resolveId: (name) => (native.includes(name) ? `\0${name}` : undefined),
  load: (id) =>
    native.includes(id.slice(1))
      ? `import { createRequire } from 'node:module'\nexport default createRequire(import.meta.url)('${id.slice(1)}')`
      : undefined,
}

function config(entry: string, fileName: string, format: 'es' | 'cjs'): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: [lazyNative],
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      outDir: outFolder,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      rollupOptions: { input: join(root, entry), external: outside, output: { format, entryFileNames: fileName, codeSplitting: false } },
    },
  }
}

/** Gives the entry of the main process. */
export async function bundleWindow(): Promise<string> {
  await build(config('main/electron/main.ts', 'main.mjs', 'es'))
  await build(config('main/worker.ts', 'worker.mjs', 'es'))
  await build(config('engine/runtime/session-worker.ts', 'session-worker.mjs', 'es'))
  await build(config('main/electron/preload.ts', 'preload.cjs', 'cjs'))
  return join(outFolder, 'main.mjs')
}
