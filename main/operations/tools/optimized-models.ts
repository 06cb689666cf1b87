import { OptimizedModels } from '../../../engine/runtime/optimized-models.ts'

/** Where they lie, and their bytes; `clear` removes them first. */
export async function optimizedModels({ folder, clear }: { folder: string; clear: boolean }) {
  const models = new OptimizedModels({ folder, budget: Infinity })
  if (clear) await models.clear()
  return { folder, bytes: await models.size() }
}
