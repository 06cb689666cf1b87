import { basename } from 'node:path'
import { stat } from 'node:fs/promises'
import { maskSize } from '../../../engine/images/mask.ts'
import { readPictureFile } from '../../../engine/images/picture.ts'

/** How large a picture is when it stands upright, and what tells its present state from another. */
export async function pictureExtent({ path }: { path: string }): Promise<{ width: number; height: number; stamp: string }> {
  const { width, height } = await maskSize(await readPictureFile(path), basename(path))
  const { size, mtimeMs } = await stat(path)
  return { width, height, stamp: `${size} ${mtimeMs}` }
}
