import { measurePicture, type PictureMeasure } from '../../../engine/images/thumbnail.ts'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { eachPicture, type Counted } from '../each-picture.ts'

export type Measured = PictureMeasure | { readonly error: ErrorRecord }

/** The size of each picture. */
export function measure({ paths }: { paths: readonly string[] }, context: OperationContext<Counted>): Promise<readonly Measured[]> {
  return eachPicture(paths, measurePicture, context)
}
