// Files of settings, whoever wrote them: a recipe of ours, or those of another program together.
import { basename, dirname, resolve } from 'node:path'
import { PigmentError } from '../../engine/requests/error.ts'
import { recipeFields } from './fields.ts'
import type { ImportReport } from '../api/methods/recipe.ts'
import type { ForeignFile } from './importer.ts'
import { recipeImporters } from './importers/index.ts'
import { located, textOf } from './open-recipe.ts'
import { isRecipe, readRecipe, type RecipeValues } from './read-recipe.ts'
import { readToml } from './toml.ts'

export interface FoundRecipe {
  readonly values: RecipeValues
  /** Of what another program wrote. */
  readonly report?: ImportReport
}

/** Throws `recipe-unknown`, `recipe-several`, and what its readers throw. */
export function importRecipe(files: readonly ForeignFile[]): FoundRecipe {
  const [first] = files
  if (!first) throw new PigmentError('recipe-unknown', 'There is no file. Give a recipe, or the settings of another program.', {})
  const own = files.filter((file) => isOwn(file))
  if (own.length > 0 && files.length > 1)
    throw new PigmentError('recipe-several', `"${own[0]?.name}" is a whole recipe: give it alone.`, { name: own[0]?.name })
  if (own.length > 0) return { values: readRecipe(first.text, recipeFields, first.name) }
  const importer = recipeImporters.find((one) => files.every((file) => one.recognises(file)))
  if (importer) return importer.read(files, recipeFields)
  // What is nearly a recipe is told by its faults.
  if (isToml(first)) return { values: readRecipe(first.text, recipeFields, first.name) }
  const titles = recipeImporters.map(({ title }) => title).join(', ')
  throw new PigmentError(
    'recipe-unknown',
    `"${files.map(({ name }) => name).join('", "')}" is no recipe that Pigment knows. Choose its own (.toml), or the settings of ${titles}: .toml, .json, or a .sh, .bat or .txt with the command that trains.`,
    { name: first.name, programs: titles },
  )
}

const isToml = ({ name }: ForeignFile): boolean => /\.toml$/i.test(name)

function isOwn(file: ForeignFile): boolean {
  if (!isToml(file)) return false
  // A file that is no TOML is told where it is read.
  return recipeImporters.some((one) => one.recognises(file))
    ? /^\s*recipe\s*=/m.test(file.text)
    : isRecipe(readToml(file.text, file.name), recipeFields)
}

/** Paths in them are meant from the folder of the first. */
export async function openRecipes(paths: readonly string[]): Promise<FoundRecipe> {
  const files = await Promise.all(paths.map(async (path) => ({ name: basename(path), text: await textOf(path) })))
  const { values, ...rest } = importRecipe(files)
  return { values: located(values, recipeFields, dirname(resolve(paths[0] ?? ''))), ...rest }
}
