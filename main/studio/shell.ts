// What only the shell around the host can do.
import { PigmentError } from '../../engine/requests/error.ts'
import type { Keeper } from '../stores/tokens.ts'

export type DialogKind = 'folder' | 'pictures' | 'adapters' | 'checkpoint' | 'zip' | 'save-adapter'

export interface Shell {
  readonly kind: 'window' | 'browser'
  /** The system's dialog; null when cancelled. */
  choose(kind: DialogKind, name?: string): Promise<readonly string[] | null>
  reveal(path: string): Promise<void>
  openLink(url: string): Promise<void>
  /** Paths that the system gave to open since the last call. */
  opened(): readonly string[]
  /** The system's keychain, where the shell reaches it. */
  readonly keeper?: Keeper
}

/** A browser has none of these; its page browses with `files.browse` and saves with links. */
export const browserShell: Shell = {
  kind: 'browser',
  choose: () =>
    Promise.reject(new PigmentError('no-dialog', 'A browser has no dialog for files of the host. Type the path, or browse to it.', {})),
  reveal: () =>
    Promise.reject(new PigmentError('no-dialog', 'A browser cannot show files of the host. Their path is shown beside them.', {})),
  openLink: () => Promise.reject(new PigmentError('no-dialog', 'The page itself opens links here.', {})),
  opened: () => [],
}
