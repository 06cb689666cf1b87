// A preset in a request: which fields it decides, and what becomes of it where some of them are given.
import { z } from 'zod'
import { leftOpen } from './option.ts'
import { presetKeys, presetNames, type PresetName, type PresetValues } from './model-defaults.ts'
import { trainRequest, type TrainRequest } from './train.ts'

export const presetField = z.enum(presetNames).optional().meta({
  description:
    "how much: quick (does it go anywhere), balanced (most styles) or thorough (many or varied pictures), with the model's own rate, layers, rank and steps; flags win over it",
  placeholder: 'NAME',
  fallback: 'balanced; beside a recipe none',
})

/** A recipe says all that differs from the schema's own values: a preset goes with it only where it is asked for. */
export const presetBeside = (preset: PresetName | undefined, recipe: string | undefined): PresetName | undefined =>
  preset ?? (recipe === undefined ? 'balanced' : undefined)

type Key = (typeof presetKeys)[number]
type Shape = typeof trainRequest.shape
type Open<T> = T extends z.ZodDefault<infer Inner extends z.ZodType> ? z.ZodOptional<Inner> : T

/** The fields that a preset decides, each left open. */
export function openPresets<S extends Pick<Shape, Exclude<Key, `${string}Options`>>>(shape: S): { [K in Key & keyof S]: Open<S[K]> } {
  const open = presetKeys.flatMap((key) => {
    const field = (shape as Readonly<Record<string, z.ZodType | undefined>>)[key]
    if (!field) return []
    return [[key, field instanceof z.ZodDefault ? leftOpen(field as z.ZodDefault<z.ZodType>, 'as the preset says') : field] as const]
  })
  return Object.fromEntries(open) as { [K in Key & keyof S]: Open<S[K]> }
}

type Given = Readonly<Partial<TrainRequest>>

/**
 * What a preset gives where a request leaves its fields open. What depends on a field that is given follows it: alpha the rank, the warmup the steps.
 * `alone`: what is asked for is trained by one, whatever a preset says; so is a rank that cannot be shared out.
 */
export function presetValues(preset: PresetValues, given: Given, alone = false): Partial<TrainRequest> {
  const { rank = preset.rank, steps = preset.steps } = given
  const members = alone || rank % (given.members ?? preset.members ?? 1) !== 0 ? 1 : preset.members
  const own = given.preservation !== undefined || given.classPictures !== undefined
  const { preservation, preservationOptions, ...rest } = preset
  const values: Partial<TrainRequest> = {
    ...rest,
    ...(own || preservation === undefined ? {} : { preservation }),
    ...(members === undefined ? {} : { members }),
    alpha: (preset.alpha / preset.rank) * rank,
    warmup: Math.round((preset.warmup / preset.steps) * steps),
  }
  return {
    ...Object.fromEntries(Object.entries(values).filter(([key]) => given[key as Key] === undefined)),
    ...(own || preservation === undefined ? {} : { preservationOptions: { ...preservationOptions, ...given.preservationOptions } }),
  }
}
