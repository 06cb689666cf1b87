import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../../engine/files/file-error.ts'
import { hubSnapshot } from '../../../engine/models/hub-cache.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { errorRecord } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { findPrograms } from '../find-programs.ts'
import { seenName } from '../see-models.ts'
import { seePrograms } from '../see-programs.ts'
import { embeddedPath, hasEmbedded } from '../../places/embedded.ts'
import { skimModel } from './skim-model.ts'

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

interface Question {
  readonly folder: readonly string[]
  readonly givenOnly: boolean
}

/** The embedded model, what in the folders is one, and why the rest is none; and what other programs keep on this machine. */
export async function listModels({ folder, givenOnly }: Question, context: Pick<OperationContext, 'signal'>) {
  const { signal } = context
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
  return { models: usable, others, ...(givenOnly ? {} : { found: await foundModels(context) }) }
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

/** Headers are read one after another: a list is asked for now and then, and the studio keeps an index. */
async function foundModels(context: Pick<OperationContext, 'signal'>) {
  const found = []
  for (const { program, models } of await seePrograms(await findPrograms(), context.signal))
    for (const { path, bytes: sizeBytes, shelf, problem: missing } of models) {
      context.signal.throwIfAborted()
      const { kind, title, problem = missing } = await skimModel({ path, holds: shelf.holds }, context)
      if (kind === 'other') continue
      found.push({
        program,
        kind,
        name: seenName(path),
        family: title,
        usable: !problem,
        sizeBytes,
        path,
        ...(problem ? { why: problem.code } : {}),
      })
    }
  return found
}
