// The model last used stays open, so that the next picture begins at once.
import type { Model } from '../../engine/verbs/open-model.ts'
import type { CommandContext } from '../api/command.ts'
import { openModel } from '../commands/open-model.ts'
import type { Machinery } from './tasks.ts'

let held: { readonly key: string; readonly model: Model } | undefined

export function contextOf({ device, threads }: Machinery, emit: CommandContext['emit']): CommandContext {
  return { device: device.provider, chosen: device, ...(threads > 0 ? { threads } : {}), emit }
}

/** The model of this path, VAE and device, opened if it is not. It belongs to this module: do not dispose of it. */
export async function heldModel(
  { model: path, vae, ...machinery }: Machinery & { readonly model: string; readonly vae?: string | undefined },
  emit: (event: unknown) => void,
): Promise<Model> {
  const key = JSON.stringify([path, vae, machinery.device.provider, machinery.threads])
  if (held?.key === key) return held.model
  await releaseModel()
  const model = await openModel(contextOf(machinery, emit), { model: path, vae })
  held = { key, model }
  return model
}

export async function releaseModel(): Promise<void> {
  const last = held
  held = undefined
  await last?.model[Symbol.asyncDispose]()
}
