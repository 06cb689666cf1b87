// Where optimised models are kept, as the settings of a data folder want it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OptimizedModelsPlace } from '../../engine/runtime/optimized-models.ts'
import { settings, type Settings } from '../api/methods/settings.ts'

export const optimizedFolder = (root: string): string => join(root, 'optimized')

export const optimizedPlace = (
  root: string,
  { keepOptimized, optimizedGigabytes }: Pick<Settings, 'keepOptimized' | 'optimizedGigabytes'>,
): OptimizedModelsPlace | undefined => (keepOptimized ? { folder: optimizedFolder(root), budget: optimizedGigabytes * 1e9 } : undefined)

/** Of a data folder that no studio of this process holds; its settings are only read. */
export async function optimizedPlaceIn(root: string): Promise<OptimizedModelsPlace | undefined> {
  const stored: unknown = await readFile(join(root, 'settings.json'), 'utf8')
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined)
  return optimizedPlace(root, settings.safeParse(stored).data ?? settings.parse({}))
}
