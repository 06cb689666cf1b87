import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { hubSnapshot } from '../../engine/models/hub-cache.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { errorRecord } from '../../engine/requests/error.ts'
import { command, described } from '../api/command.ts'
import { embeddedPath, hasEmbedded } from '../places/embedded.ts'

const input = described(z.object({ folder: z.array(z.string().min(1)).default([]) }), {
  folder: ['DIR', 'folder whose .safetensors files and diffusers folders are looked at; can be given several times'],
})

export const models = command({
  name: 'models',
  summary: 'List the models that can be used: the embedded one, and those in the folders given.',
  input,
  async run(_context, { folder }, signal) {
    const paths = hasEmbedded() ? [embeddedPath] : []
    for (const directory of folder) paths.push(...(await candidates(directory)))
    const usable: { name: string; family: string; layout: string; prediction: string; path: string; embedded: boolean }[] = []
    const others: { path: string; code: string; message: string }[] = []
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
  },
})

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
