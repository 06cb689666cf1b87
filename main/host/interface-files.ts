// The built renderer: a fixed list of files, read once. A request names an entry of the list and never a path.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  // Icons of our own build, drawn by CSS or <img>; no picture of a user is ever served as SVG.
  '.svg': 'image/svg+xml',
}

export interface InterfaceFile {
  readonly bytes: Uint8Array
  readonly type: string
  /** Its name carries a hash of its content. */
  readonly fixed: boolean
}
export type InterfaceFiles = ReadonlyMap<string, InterfaceFile>

/** By address, e.g. `/assets/index-4f2a.js`; `/` is the page. Throws `interface-missing`. */
export async function readInterface(folder: string): Promise<InterfaceFiles> {
  const files = new Map<string, InterfaceFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new PigmentError(
      'interface-missing',
      `The studio's pages are not in "${folder}". Run npm start, which builds them.`,
      { folder },
      cause,
    )
  })
  for (const entry of entries) {
    const type = types[extname(entry.name).toLowerCase()]
    if (!entry.isFile() || !type) continue
    const path = join(entry.parentPath, entry.name)
    const address = `/${path.slice(folder.length + 1).replaceAll('\\', '/')}`
    files.set(address, { bytes: await readFile(path), type, fixed: /-[\w-]{8,}\.\w+$/.test(entry.name) })
  }
  const page = files.get('/index.html')
  if (!page) throw new PigmentError('interface-missing', `"${folder}" holds no index.html. Build the studio's pages again.`, { folder })
  files.set('/', page)
  return files
}
