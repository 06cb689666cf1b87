// What of the found models is in use here already.
import type { FoundModels } from '../api/methods/found.ts'
import type { Parts } from './parts.ts'

export async function foundModels({ found, models, library }: Pick<Parts, 'found' | 'models' | 'library'>): Promise<FoundModels> {
  const added = (await models.list()).filter(({ embedded }) => !embedded)
  return found.list({
    models: new Map(added.map(({ path, id }) => [path, id])),
    watched: library.folders().map(({ path }) => path),
  })
}
