// The model that comes with Pigment.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PigmentError } from '../../engine/spec/error.ts'
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

/** The guidance to begin with: the embedded model keeps its styles best at 2 (docs/embedded-model.md), published ones are drawn with more. */
export const guidance = { embedded: 2, other: 5 } as const

/** Of the model at a path, or of the embedded one. */
export const guidanceOf = (path = embeddedPath): number => (resolve(path) === resolve(embeddedPath) ? guidance.embedded : guidance.other)
