import { openAdapter } from '../../../engine/adapter-formats/read.ts'
import { wholeContent } from '../adapter-content.ts'

/** Of all its tensors, whatever its metadata. Reads the whole file. */
export async function hashAdapter({ path }: { path: string }): Promise<string> {
  return wholeContent((await openAdapter(path)).files)
}
