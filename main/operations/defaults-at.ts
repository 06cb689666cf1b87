// What the model of a command begins with, before it is opened: its header says enough.
import type { ModelDefaults } from '../../engine/requests/model-defaults.ts'
import { embeddedDefaults } from '../places/embedded-defaults.ts'
import { defaultsOf, isEmbedded } from '../places/model-defaults.ts'
import type { ModelChoice } from './open-model.ts'

/** Throws what `openCheckpoint` throws. */
export async function defaultsAt({ model, prediction, scheduler, vae }: ModelChoice): Promise<ModelDefaults> {
  if (model === undefined || isEmbedded(model)) return embeddedDefaults
  const { openCheckpoint } = await import('../../engine/models/open-checkpoint.ts')
  const words = { ...(prediction ? { prediction } : {}), ...(scheduler ? { scheduler } : {}), ...(vae ? { vae } : {}) }
  return defaultsOf(model, (await openCheckpoint(model, words)).family)
}
