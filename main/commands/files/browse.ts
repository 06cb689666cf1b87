import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { answering } from '../../../engine/files/answering.ts'
import { fileError } from '../../../engine/files/file-error.ts'
import { pictureEndings } from '../../../engine/images/picture-formats.ts'
import { fileKind, type FolderEntry, type FolderListing } from '../../api/methods/files.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

const endings: Readonly<Record<string, RegExp>> = {
  folder: /$^/,
  pictures: new RegExp(`\\.(${pictureEndings.join('|')}|zip)$`, 'i'),
  adapters: /\.safetensors$/i,
  checkpoint: /\.(safetensors|ckpt)$/i,
  zip: /\.zip$/i,
  'save-adapter': /\.safetensors$/i,
}
const mostEntries = 5000

/** A link to a folder is one for the person who put it there. */
const leadsToFolder = async (entry: Dirent, at: string): Promise<boolean> =>
  entry.isDirectory() || (entry.isSymbolicLink() && ((await stat(at).catch(() => undefined))?.isDirectory() ?? false))

export const browse = hostCommand({
  input: z.strictObject({ path: path.optional(), kind: fileKind.default('folder') }),
  async run({ places }, { path: asked, kind }): Promise<FolderListing> {
    const here = resolve(asked ?? homedir())
    const found = await answering(here, (ask) => ask(() => readdir(here, { withFileTypes: true }))).catch((error: unknown) => {
      throw fileError(error, here, 'read')
    })
    const entries: FolderEntry[] = []
    for (const entry of found.slice(0, mostEntries)) {
      const inside = join(here, entry.name)
      if (entry.name.startsWith('.')) continue
      if (await leadsToFolder(entry, inside)) entries.push({ name: entry.name, path: inside, kind: 'folder', bytes: 0 })
      else if (endings[kind]?.test(entry.name))
        entries.push({ name: entry.name, path: inside, kind: 'file', bytes: (await stat(inside).catch(() => ({ size: 0 }))).size })
    }
    entries.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'folder' ? -1 : 1))
    const parent = dirname(here) === here ? null : dirname(here)
    const beginnings = [
      { name: 'home', path: homedir() },
      { name: 'datasets', path: places.datasets },
      { name: 'exports', path: places.exports },
    ]
    return { path: here, parent, entries, places: beginnings }
  },
})
