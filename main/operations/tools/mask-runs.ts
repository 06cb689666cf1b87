import { basename } from 'node:path'
import { readMask } from '../../../engine/images/mask.ts'
import { readPictureFile } from '../../../engine/images/picture.ts'
import { runsOf } from '../../../engine/requests/mask-runs.ts'
import type { MaskRuns } from '../../api/methods/generate.ts'

/** A mask as drawing reads it, in two values: what a brush goes on from. */
export async function maskRuns({ path }: { path: string }): Promise<MaskRuns> {
  const { width, height, data } = await readMask(await readPictureFile(path), basename(path), 'first')
  return { width, height, runs: runsOf(data) }
}
