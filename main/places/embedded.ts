// The model that comes with Pigment.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import type { UsualGuidance } from '../../engine/requests/generate.ts'
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

/**
 * The embedded model keeps its own styles best at 2; with adapters a stronger guidance by the model alone keeps what is drawn, and one of their
 * own how (docs/embedded-model.md). Published models begin as in other programs.
 */
export const guidance = {
  embedded: {
    alone: { cfg: 2, adapterGuidance: 0, guidanceStop: 1 },
    stacked: { cfg: 4, adapterGuidance: 3.25, guidanceStop: 1 },
  },
  other: {
    alone: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
    stacked: { cfg: 5, adapterGuidance: 0, guidanceStop: 1 },
  },
} as const satisfies Record<string, UsualGuidance>

/** Of the model at a path, or of the embedded one. */
export const guidanceOf = (path = embeddedPath): UsualGuidance =>
  resolve(path) === resolve(embeddedPath) ? guidance.embedded : guidance.other
