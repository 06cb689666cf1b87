// Choosing files and folders on the host's machine.
import { z } from 'zod'

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

export const fileKind = z.enum(['folder', 'pictures', 'adapters', 'checkpoint', 'zip', 'save-adapter'])
