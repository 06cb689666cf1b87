// A stand-in for an Electron distribution: the files that packaging touches, with nothing in them that runs.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What @electron/fuses looks for in the binary; then the version of the wire, its length, and a digit for each fuse. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const wire = '101100011'

/** Fills a folder. */
export async function stubElectron(folder: string, version: string): Promise<void> {
  await mkdir(join(folder, 'resources'), { recursive: true })
  await mkdir(join(folder, 'locales'))
  const binary = join(folder, 'electron')
  const pad = Buffer.alloc(4096)
  await writeFile(binary, Buffer.concat([pad, Buffer.from(sentinel), Buffer.from([1, wire.length]), Buffer.from(wire), pad]))
  await chmod(binary, 0o755)
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'icudtl.dat', 'chrome-sandbox', 'resources.pak'])
    await writeFile(join(folder, name), name)
  for (const locale of ['en-US', 'zh-CN', 'de', 'fr']) await writeFile(join(folder, 'locales', `${locale}.pak`), locale)
  await writeFile(join(folder, 'version'), version)
}
