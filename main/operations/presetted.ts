// A training task that leaves fields to a preset: filled with the values of its model, before anything of it is opened.
import { trainableVariants } from '../../engine/adapters/variants/index.ts'
import type { PresetName } from '../../engine/requests/model-defaults.ts'
import { presetValues } from '../../engine/requests/presets.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { methods } from '../../engine/training/methods/index.ts'
import { defaultsAt } from './defaults-at.ts'
import type { TrainGiven } from './train.ts'
import { usualBeside } from './usual-beside.ts'

type Presetted<Given> = Given & Pick<TrainRequest, 'steps'>

/** Throws what `defaultsAt` throws. */
export async function presetted<Given extends TrainGiven & { readonly preset?: PresetName | undefined }>(
  given: Given,
): Promise<Presetted<Given>> {
  const { preset } = given
  const values = preset ? presetValues((await defaultsAt(given)).presets[preset], given, trainedAlone(given)) : {}
  // The file that is trained on says its own shape.
  if (given.continue !== undefined) for (const key of ['rank', 'alpha', 'layers', 'members'] as const) delete values[key]
  const open = Object.entries(given).filter(([, value]) => value === undefined)
  const { preservationOptions, ...rest } = { ...values, ...usualBeside({ ...(given as Readonly<Record<string, unknown>>) }) }
  const steps = given.steps ?? values.steps ?? trainRequest.shape.steps.parse(undefined)
  return {
    ...Object.fromEntries(open),
    ...rest,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(preservationOptions ? { preservationOptions } : {}),
    steps,
  } as Presetted<Given>
}

/** What cannot be shared out among members is trained by one. */
const trainedAlone = ({ variant, method }: TrainGiven): boolean =>
  trainableVariants.some(({ name, training }) => name === variant && training.members !== 'averaged') ||
  methods.some(({ name, members }) => name === method && members !== 'joined')
