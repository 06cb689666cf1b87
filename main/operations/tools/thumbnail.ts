import { basename } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { readPictureFile } from '../../../engine/images/picture.ts'
import { thumbnail as encodeThumbnail } from '../../../engine/images/thumbnail.ts'

/** Writes a thumbnail to `out`, whole or not at all. */
export async function thumbnail({ path, side, out }: { path: string; side: number; out: string }): Promise<void> {
  await writeFileAtomic(out, await encodeThumbnail(await readPictureFile(path), basename(path), side))
}
