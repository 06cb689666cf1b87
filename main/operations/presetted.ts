// A training task that leaves fields to a preset: filled with the values of its model, before anything of it is opened.
import { trainableVariants } from '../../engine/adapters/variants/index.ts'
import { mostSteps } from '../../engine/requests/duration-fields.ts'
import type { PresetName } from '../../engine/requests/model-defaults.ts'
import { presetValues } from '../../engine/requests/presets.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { methods } from '../../engine/training/methods/index.ts'
import { defaultsAt } from './defaults-at.ts'
import { stepsOfEpochs } from './resolved-steps.ts'
import type { TrainGiven } from './train.ts'
import { usualBeside } from './usual-beside.ts'

type Presetted<Given> = Given & Pick<TrainRequest, 'steps'>

/**
 * What follows from the steps follows from those of the epochs, where these are given. A run by the clock takes a course that needs no length, and no more
 * of what follows from the steps than the preset has. Throws what `defaultsAt` and `stepsOfEpochs` throw.
 */
export async function presetted<Given extends TrainGiven & { readonly preset?: PresetName | undefined }>(
  given: Given,
  signal = new AbortController().signal,
): Promise<Presetted<Given>> {
  const { epochs, minutes } = given
  if (minutes !== undefined) {
    const task = await filled<Given>({ ...given, steps: undefined, course: given.course ?? open })
    return { ...task, steps: mostSteps }
  }
  if (epochs === undefined) return filled(given)
  const steps = await stepsOfEpochs(await filled({ ...given, steps: undefined }), signal)
  return filled({ ...given, steps, epochs: undefined })
}
const open = 'constant'

async function filled<Given extends TrainGiven & { readonly preset?: PresetName | undefined }>(given: Given): Promise<Presetted<Given>> {
  const { preset } = given
  const values = preset ? presetValues((await defaultsAt(given)).presets[preset], given, trainedAlone(given)) : {}
  // The file that is trained on says its own shape.
  if (given.continue !== undefined) for (const key of ['rank', 'alpha', 'layers', 'members'] as const) delete values[key]
  const left = Object.entries(given).filter(([, value]) => value === undefined)
  const { preservationOptions, ...rest } = { ...values, ...usualBeside({ ...(given as Readonly<Record<string, unknown>>) }) }
  const steps = given.steps ?? values.steps ?? trainRequest.shape.steps.parse(undefined)
  return {
    ...Object.fromEntries(left),
    ...rest,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(preservationOptions ? { preservationOptions } : {}),
    steps,
  } as Presetted<Given>
}

/** What cannot be shared out among members is trained by one. */
const trainedAlone = ({ variant, method, triggerVectors }: TrainGiven): boolean =>
  triggerVectors !== undefined ||
  trainableVariants.some(({ name, training }) => name === variant && training.members !== 'averaged') ||
  methods.some(({ name, members }) => name === method && members !== 'joined')
