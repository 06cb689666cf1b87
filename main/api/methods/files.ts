// Choosing files and folders on the host's machine.
import { z } from 'zod'
import { method, none, path } from '../method.ts'

export interface FolderEntry {
  readonly name: string
  readonly path: string
  readonly kind: 'folder' | 'file'
  readonly bytes: number
}
export interface FolderListing {
  readonly path: string
  readonly parent: string | null
  readonly entries: readonly FolderEntry[]
  /** Home, pictures, data folder: where to begin. */
  readonly places: readonly { readonly name: string; readonly path: string }[]
}

const kind = z.enum(['folder', 'pictures', 'adapters', 'checkpoint', 'zip', 'save-adapter'])

export const fileMethods = {
  /** The system's dialog; null when cancelled. Throws `no-dialog` in a browser: browse there. */
  choose: method<readonly string[] | null>()(z.strictObject({ kind, name: z.string().max(255).optional() })),
  browse: method<FolderListing>()(z.strictObject({ path: path.optional(), kind: kind.default('folder') })),
  /** Shows a thing of ours in the file manager of the host. */
  reveal: method<void>()(z.strictObject({ media: z.string().min(1).max(200) })),
  /** Adapters that the system gave to open since the last call (`menu` tells of more), for `library.import`. */
  opened: method<{ readonly drop: string } | null>()(none),
}
