import { stripMetadata } from '../../engine/adapters/metadata.ts'
import { withOwnWords, type OwnWords } from '../../engine/adapters/own-words.ts'
import { coverAddress } from '../../engine/images/thumbnail.ts'

/** What an export says of itself. */
export interface ExportWords extends OwnWords {
  /** Leaves out all that loading does not need. */
  readonly strip: boolean
  /** Fields that shall not be in the file. */
  readonly leaveOut?: readonly string[] | undefined
  /** A picture's file. */
  readonly cover?: string | undefined
}

/** The metadata of an export: of the file's own as much as is wanted, and what its owner says. */
export async function exportedMetadata(
  metadata: Readonly<Record<string, string>>,
  { strip, leaveOut = [], cover, ...said }: ExportWords,
): Promise<Record<string, string>> {
  const thumbnail = cover === undefined ? undefined : await coverAddress(cover)
  const told = withOwnWords(strip ? stripMetadata(metadata) : metadata, { ...said, thumbnail })
  return Object.fromEntries(Object.entries(told).filter(([key]) => !leaveOut.includes(key)))
}
