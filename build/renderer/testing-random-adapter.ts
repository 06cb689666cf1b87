// An adapter of random weights for the embedded model: what a test drops when it does not matter what was learnt.
import { join } from 'node:path'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { embeddedModel } from '../../main/places/embedded.ts'
import { randomAdapter } from '../../main/operations/testing.ts'

/** Writes `NAME.safetensors`, or a folder for PEFT, and gives its path. Another seed has other weights. */
export async function writeRandomAdapter(folder: string, name: string, { seed = 1, format = 'kohya' } = {}): Promise<string> {
  const path = join(folder, format === 'peft' ? name : `${name}.safetensors`)
  const modules = moduleShapes(await openCheckpoint(embeddedModel()))
  await writeAdapter(await randomAdapter(embeddedModel(), name, seed), format, path, { modules, precision: 'fp16' })
  return path
}
