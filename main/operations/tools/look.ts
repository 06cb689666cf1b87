import { basename } from 'node:path'
import { readPictureFile } from '../../../engine/images/picture.ts'
import { lookAt, type PictureLook } from '../../../engine/images/thumbnail.ts'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { eachPicture, type Counted } from '../each-picture.ts'

export type Looked = PictureLook | { readonly error: ErrorRecord }

/** By what near-duplicates and blur are known. */
export function look({ paths }: { paths: readonly string[] }, context: OperationContext<Counted>): Promise<readonly Looked[]> {
  return eachPicture(paths, async (path) => lookAt(await readPictureFile(path), basename(path)), context)
}
