// A picture that was dropped to draw from: kept, so that what is drawn from it can be drawn again.
import { createHash } from 'node:crypto'
import { copyFile, readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { sniffPicture } from '../../engine/images/picture-formats.ts'
import { PigmentError } from '../../engine/requests/error.ts'

/** Those that lie there, by content. */
export const keptPictures = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).map((name) => join(folder, name))

const mostBytes = 512 * 1024 * 1024

/** Under the name of its content: the same picture lies there once. Throws `drop-unknown`, and what tells that it is no picture. */
export async function keptPicture(path: string | undefined, folder: string): Promise<string> {
  if (path === undefined) throw new PigmentError('drop-unknown', 'Nothing was dropped.', {})
  const bytes = await readRegular(path, mostBytes)
  sniffPicture(bytes, basename(path))
  const kept = join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 24)}${extname(path).toLowerCase()}`)
  await copyFile(path, kept).catch((error: unknown) => {
    throw fileError(error, kept, 'write')
  })
  return kept
}
