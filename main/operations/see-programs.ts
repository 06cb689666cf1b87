// Programs with what may be models on their shelves, each thing once, and why a shelf cannot be read.
import { sep } from 'node:path'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { FoundProgram } from './find-programs.ts'
import type { Shelf } from './programs/program.ts'
import { seeShelf, type SeenModel } from './see-models.ts'

export interface SeenProgram extends FoundProgram {
  readonly models: readonly SeenModel[]
  readonly error?: ErrorRecord
  readonly cut: boolean
}

/** What lies in a program's own folder is its; then comes what programs were told to use of others. */
export async function seePrograms(found: readonly FoundProgram[], signal: AbortSignal): Promise<SeenProgram[]> {
  const been = new Set<string>()
  const seen = found.map((one) => ({ ...one, models: [] as SeenModel[], cut: false, error: undefined as ErrorRecord | undefined }))
  const isOwn = ({ folder }: FoundProgram, { path }: Shelf): boolean => path === folder || path.startsWith(folder + sep)
  for (const own of [true, false])
    for (const one of seen)
      for (const shelf of one.shelves.filter((each) => isOwn(one, each) === own)) {
        signal.throwIfAborted()
        try {
          const { models, cut } = await seeShelf(shelf, been)
          one.models.push(...models)
          one.cut ||= cut
        } catch (failure) {
          one.error = errorRecord(failure)
        }
      }
  return seen.map(({ error, ...one }) => ({ ...one, ...(error ? { error } : {}) }))
}
