// A recipe's file, with the paths in it as they are meant: from the folder in which it lies.
import { basename, dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { withPaths } from './portable.ts'
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
export const located = (values: RecipeValues, schema: z.ZodObject, folder: string): RecipeValues =>
  withPaths(values, schema, (path) => resolve(folder, path))
