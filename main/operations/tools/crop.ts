import { basename } from 'node:path'
import { writeFileAtomic } from '../../../engine/files/atomic.ts'
import { cropPicture, type Box } from '../../../engine/images/crop.ts'
import { readPictureFile } from '../../../engine/images/picture.ts'

/** The part of a picture in its place. */
export async function crop({ path, box }: { path: string; box: Box }): Promise<void> {
  await writeFileAtomic(path, await cropPicture(await readPictureFile(path), basename(path), box), { replaceLink: true })
}
