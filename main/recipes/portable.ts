// Recipes that travel: no folder of a person's, and nothing that only their machine decides.
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { z } from 'zod'
import { oneDuration } from '../../engine/requests/duration-fields.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { isPath } from './keys.ts'
import type { RecipeValues } from './read-recipe.ts'
import { writeRecipe } from './write-recipe.ts'

/** Every path of a request through `change`, also those of its lists of tables. */
export function withPaths(values: RecipeValues, schema: z.ZodObject, change: (path: string) => string): RecipeValues {
  const paths = new Set(fieldsOf(schema).flatMap((field) => (isPath(field) ? field.key : [])))
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const element = elementOf(schema.shape[key] as z.ZodType | undefined)
      if (element && Array.isArray(value)) return [key, value.map((one) => withPaths(one as RecipeValues, element, change))]
      return [key, paths.has(key) && typeof value === 'string' ? change(value) : value]
    }),
  )
}

/** Of a list of tables their schema. */
function elementOf(field: z.ZodType | undefined): z.ZodObject | undefined {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) return elementOf(field.unwrap() as z.ZodType)
  return field instanceof z.ZodArray && field.element instanceof z.ZodObject ? field.element : undefined
}

const lastPart = (path: string): string => path.split(/[\\/]+/).findLast((part) => part !== '') ?? ''

/** What each machine decides anew, and what changes nothing of what is learnt. */
const ofMachine: readonly (keyof TrainRequest)[] = ['checkpointEvery', 'recompute', 'badPictures']

/** As it stands in the metadata of what came of it: folders by their names alone. */
export function embeddedRecipe(request: TrainRequest): string {
  const values = Object.fromEntries(Object.entries(oneDuration(request)).filter(([key]) => !ofMachine.includes(key as keyof TrainRequest)))
  return writeRecipe(trainRequest, withPaths(values, trainRequest, lastPart), { explained: false })
}

/** Paths below the folder of a recipe as they are from there: the two can be moved together. */
export function besideRecipe(values: RecipeValues, schema: z.ZodObject, file: string): RecipeValues {
  return withPaths(values, schema, (path) => {
    const way = relative(dirname(resolve(file)), resolve(path))
    return way === '' || way.startsWith('..') || isAbsolute(way) ? resolve(path) : way
  })
}
