// The model last used stays open, so that the next picture begins at once.
import { stat } from 'node:fs/promises'
import type { Model } from '../../engine/sessions/open-model.ts'
import { openModel, type Opening } from './open-model.ts'
import type { Computing } from './machinery.ts'

let held: { readonly key: string; readonly stamp: string; readonly model: Model } | undefined

/** The model of this path, VAE, precision and device, opened if it is not, or if its files have changed since. It belongs to this module: do not dispose of it. */
export async function heldModel(
  { model: path, vae, computePrecision, economy = {} }: Pick<Opening, 'vae' | 'computePrecision' | 'economy'> & { readonly model: string },
  computing: Computing,
): Promise<Model> {
  const key = JSON.stringify([path, vae, computePrecision, economy.half, providerOf(computing), computing.threads])
  // Its networks are read when they are first needed: half of it could be of the old files and half of the new.
  if (held?.key === key && held.stamp === (await stampOf(held.model))) return Object.assign(held.model, { economy })
  await releaseModel()
  const model = await openModel(computing, { model: path, vae, computePrecision, economy })
  held = { key, stamp: await stampOf(model), model }
  return model
}

const providerOf = ({ device }: Computing): string => (typeof device === 'string' ? device : device.provider)

/** Size and time of every file with weights. */
async function stampOf({ checkpoint: { unet, textEncoders, vae } }: Model): Promise<string> {
  const files = new Set([unet, ...textEncoders, vae].flatMap(({ weights }) => [...weights.values()].map(({ file }) => file)))
  const found = [...files].map((file) =>
    stat(file).then(
      ({ size, mtimeMs }) => [file, size, mtimeMs],
      () => [file],
    ),
  )
  return JSON.stringify(await Promise.all(found))
}

export async function releaseModel(): Promise<void> {
  const last = held
  held = undefined
  await last?.model[Symbol.asyncDispose]()
}
