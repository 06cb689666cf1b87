// The model last used stays open, so that the next picture begins at once.
import { stat } from 'node:fs/promises'
import type { Economy } from '../../engine/sessions/economy.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { openModel, type Opening } from './open-model.ts'
import type { Computing, Machinery } from './machinery.ts'

interface Open {
  readonly key: string
  readonly stamp: Stamp
  readonly model: Model
}
let held: Open | undefined
/** That of a run which stands still, and how it was economised there. */
let lent: (Open & { readonly economy: Economy }) | undefined

type Wanted = Pick<Opening, 'model' | 'vae' | 'computePrecision' | 'economy'>

/** The model of this path, VAE, precision and device, opened if it is not, or if its files have changed since. It belongs to this module: do not dispose of it. */
export async function heldModel(
  { model: path, vae, computePrecision, economy = {} }: Wanted & { readonly model: string },
  computing: Computing,
): Promise<Model> {
  const key = keyOf({ model: path, vae, computePrecision, economy }, computing)
  for (const open of [lent, held]) if (open?.key === key && (await isAsOpened(open))) return Object.assign(open.model, { economy })
  await releaseModel()
  const model = await openModel(computing, { model: path, vae, computePrecision, economy })
  held = { key, stamp: await stampOf(model), model }
  return model
}

/** Lets others draw on the model of a run that stands still. One whose words were told otherwise than by its file is not what they ask for. */
export async function lendModel(model: Model, given: Opening & Machinery): Promise<void> {
  const { prediction, tokenizer, scheduler, zeroTerminalSnr, clipSkip = 1 } = given
  const own = [prediction, tokenizer, scheduler, zeroTerminalSnr, clipSkip > 1].some((said) => said !== undefined && said !== false)
  const key = own ? '' : keyOf({ ...given, economy: {} }, given)
  lent = { key, stamp: await stampOf(model), model, economy: model.economy }
}

/** As it was lent, without what drawing opened; and which of its files is not what it was. Nobody may be drawing on it. */
export async function takeBack(model: Model): Promise<{ readonly changed?: string }> {
  const last = lent
  lent = undefined
  // Training needs the memory of what else was opened for pictures.
  await releaseModel()
  if (last?.model !== model) return {}
  model.economy = last.economy
  await model.release('unet', 'decoder', 'text_encoder', 'text_encoder_2')
  const now = await stampOf(model)
  const changed = [...last.stamp].find(([file, said]) => now.get(file) !== said)?.[0]
  return changed === undefined ? {} : { changed }
}

const keyOf = ({ model, vae, computePrecision, economy }: Wanted, { device, threads }: Machinery): string =>
  JSON.stringify([model, vae, computePrecision, economy?.half, typeof device === 'string' ? device : device.provider, threads])

/** Its networks are read when they are first needed: half of it could be of the old files and half of the new. */
async function isAsOpened({ stamp, model }: Open): Promise<boolean> {
  const now = await stampOf(model)
  return [...stamp].every(([file, said]) => now.get(file) === said)
}

type Stamp = ReadonlyMap<string, string>

/** Size and time of every file with weights. */
async function stampOf({ checkpoint: { unet, textEncoders, vae } }: Model): Promise<Stamp> {
  const files = new Set([unet, ...textEncoders, vae].flatMap(({ weights }) => [...weights.values()].map(({ file }) => file)))
  const said = (file: string): Promise<string> =>
    stat(file).then(
      ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
      () => '',
    )
  return new Map(await Promise.all([...files].map(async (file) => [file, await said(file)] as const)))
}

export async function releaseModel(): Promise<void> {
  const last = held
  held = undefined
  await last?.model[Symbol.asyncDispose]()
}
