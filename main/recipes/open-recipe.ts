// A recipe's file, with the paths in it as they are meant: from the folder in which it lies.
import { basename, dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { fieldsOf } from '../../engine/requests/fields.ts'
import { isPath } from './keys.ts'
import { readRecipe, type RecipeValues } from './read-recipe.ts'

const mostBytes = 1 << 22

/** Throws as `readRecipe` and as files are read. */
export async function openRecipe(path: string, schema: z.ZodObject): Promise<RecipeValues> {
  return located(readRecipe(await textOf(path), schema, basename(path)), schema, dirname(resolve(path)))
}

export async function textOf(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readRegular(path, mostBytes))
  } catch (error) {
    throw fileError(error, path, 'read')
  }
}

/** Relative paths as absolute ones. */
export function located(values: RecipeValues, schema: z.ZodObject, folder: string): RecipeValues {
  const paths = new Set(fieldsOf(schema).flatMap((field) => (isPath(field) ? field.key : [])))
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, paths.has(key) && typeof value === 'string' ? resolve(folder, value) : value]),
  )
}
