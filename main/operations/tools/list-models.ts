import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../../engine/files/file-error.ts'
import { hubSnapshot } from '../../../engine/models/hub-cache.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { errorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { embeddedPath, hasEmbedded } from '../../places/embedded.ts'

interface UsableModel {
  readonly name: string
  readonly family: string
  readonly layout: string
  readonly prediction: string
  readonly path: string
  readonly embedded: boolean
}
interface OtherFile {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** The embedded model, what in the folders is one, and why the rest is none. */
export async function listModels({ folder }: { folder: readonly string[] }, { signal }: Pick<OperationContext, 'signal'>) {
  const paths = hasEmbedded() ? [embeddedPath] : []
  for (const directory of folder) paths.push(...(await candidates(directory)))
  const usable: UsableModel[] = []
  const others: OtherFile[] = []
  for (const path of paths) {
    signal.throwIfAborted()
    try {
      const { name, family, layout, schedule } = await openCheckpoint(path)
      usable.push({ name, family, layout, prediction: schedule.prediction, path, embedded: path === embeddedPath })
    } catch (error) {
      const { code, message } = errorRecord(error)
      others.push({ path, code, message })
    }
  }
  return { models: usable, others }
}

/** What in a folder may be a checkpoint. Pickle files are among them, so that the reason why they are not used is told. */
async function candidates(directory: string): Promise<string[]> {
  const found: string[] = []
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, directory, 'read')
  })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name)
    if (/\.(safetensors|ckpt)$/i.test(entry.name)) found.push(path)
    else if (await isModelFolder(path)) found.push(path)
  }
  return found
}

/** A diffusers folder, a link to one, or a model in the cache of Hugging Face. */
async function isModelFolder(path: string): Promise<boolean> {
  const names = await hubSnapshot(path).then(
    (folder) => readdir(folder),
    (): string[] => [],
  )
  return names.includes('model_index.json')
}
