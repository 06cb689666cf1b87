// Forms of requests, drawn from their schemas: a field stands where its meta says, and one without a group has no place of its own.
import type { z } from 'zod'
import { trainableVariants } from '../../engine/adapters/variants/index.ts'
import { choices } from '../../engine/choices.ts'
import { fieldsOf, type ChoiceCard, type FieldDescription } from '../../engine/requests/fields.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { pictureSet } from '../../engine/requests/picture-sets.ts'
import { presetNames } from '../../engine/requests/model-defaults.ts'
import { belongings, optionsOf } from '../../engine/requests/own-options.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { samplers } from '../../engine/samplers/index.ts'
import { takesSchedule } from '../../engine/samplers/takes.ts'
import { schedules } from '../../engine/schedules/index.ts'
import { conditions } from '../../engine/conditions/index.ts'
import { methods } from '../../engine/training/methods/index.ts'
import { generateForm, type ConditionCard } from '../api/methods/generate.ts'
import { trainingForm, type Preset } from '../api/methods/training.ts'
import { allDefaults } from '../places/model-defaults.ts'

/** What cannot be shared out among members is trained by one, whatever a preset says. */
function aloneOf(field: string, name: string): { readonly members?: 1 } {
  const variant = field === 'variant' ? trainableVariants.find((one) => one.name === name) : undefined
  const method = field === 'method' ? methods.find((one) => one.name === name) : undefined
  return (variant && variant.training.members !== 'averaged') || (method && method.members !== 'joined') ? { members: 1 } : {}
}

/** The fields of a form over a request: what they choose from comes with the options of each choice. */
function formOf(form: z.ZodObject, request: z.ZodObject): FieldDescription[] {
  const owners = Object.entries(choices).flatMap(([field, all]) =>
    Object.hasOwn(request.shape, field) ? belongings(all, request).map(({ option, names }) => ({ option, names, field })) : [],
  )
  return fieldsOf(form).flatMap((described) => {
    const { key, group, choices: among } = described
    // Where there is but one there is nothing to choose.
    if (!group || among?.length === 1) return []
    const all = choices[key]
    const cards = all?.map((one): ChoiceCard => {
      const usual = { ...aloneOf(key, one.name), ...one.usual }
      return {
        name: one.name,
        title: one.title ?? one.name,
        ...(one.sentence ? { sentence: one.sentence } : {}),
        options: optionsOf(one, request),
        ...(one.endless ? { endless: one.endless } : {}),
        ...(Object.keys(usual).length > 0 ? { usual } : {}),
      }
    })
    const owner = owners.find(({ option }) => option === key)
    return {
      ...described,
      ...(cards ? { cards } : {}),
      ...(owner ? { belongsTo: { field: owner.field, names: owner.names } } : {}),
    }
  })
}

export const trainingFields = formOf(trainingForm, trainRequest)
/** Of a further set of pictures. */
export const setFields = fieldsOf(pictureSet.omit({ folder: true }))
export const pictureFields = formOf(generateForm, generateRequest).map((field) =>
  field.key === 'schedule' && field.cards ? { ...field, cards: field.cards.map(besideSamplers) } : field,
)

function besideSamplers(card: ChoiceCard): ChoiceCard {
  const schedule = schedules.find(({ name }) => name === card.name)
  const names = schedule ? samplers.flatMap((one) => (takesSchedule(one, schedule) ? one.name : [])) : []
  return { ...card, beside: { field: 'sampler', names } }
}

export const conditionCards: readonly ConditionCard[] = conditions.map(({ name, by, over, excludes, options }) => ({
  name,
  by,
  ...(over ? { over: over.by } : {}),
  ...(excludes ? { excludes: excludes.by } : {}),
  options: fieldsOf(options),
}))

export const samplerCards = pictureFields.find(({ key }) => key === 'sampler')?.cards ?? []

/** Ways to begin, by what a model's card says of it: `embedded`, or its family. */
export const trainingPresets: Readonly<Record<string, readonly Preset[]>> = Object.fromEntries(
  Object.entries(allDefaults).map(([model, { presets }]) => [model, presetNames.map((name) => ({ name, values: presets[name] }))]),
)
