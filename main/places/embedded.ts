// The model that comes with Pigment.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import { assetPath } from './asset-path.ts'

export const embeddedPath = assetPath('models/pigment-small')

export const hasEmbedded = (): boolean => existsSync(join(embeddedPath, 'model_index.json'))

/** Its folder. Throws `model-missing`. */
export function embeddedModel(): string {
  if (hasEmbedded()) return embeddedPath
  throw new PigmentError(
    'model-missing',
    'The embedded model is not in assets/models/pigment-small. Get the whole repository, or name a Stable Diffusion checkpoint with --model.',
    { expected: 'assets/models/pigment-small/model_index.json' },
  )
}
