// An adapter of random weights for the embedded model: what a test drops when it does not matter what was learnt.
import { join } from 'node:path'
import { moduleShapes, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { embeddedModel } from '../../main/commands/embedded.ts'
import { randomAdapter } from '../../main/commands/testing.ts'

/** Writes `NAME.safetensors` and gives its path. */
export async function writeRandomAdapter(folder: string, name: string): Promise<string> {
  const path = join(folder, `${name}.safetensors`)
  const modules = moduleShapes(await openCheckpoint(embeddedModel()))
  await writeAdapter(await randomAdapter(embeddedModel(), name), 'kohya', path, { modules, precision: 'fp16' })
  return path
}
