// A recipe beside the words of a command line: what the line says wins, and that is told.
import { basename } from 'node:path'
import type { z } from 'zod'
import { choices } from '../../engine/choices.ts'
import { besideDuration } from '../../engine/requests/duration-fields.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { EmittedRecord } from '../api/command.ts'
import { recipeImporters } from './importers/index.ts'
import { kebab } from './keys.ts'
import { openRecipe, textOf } from './open-recipe.ts'
import type { RecipeValues } from './read-recipe.ts'

type Given = Readonly<Record<string, unknown>>

/** Another program's settings are looked through first: what of them is here, and what is not. Throws `recipe-foreign`. */
async function refuseForeign(path: string): Promise<void> {
  const file = { name: basename(path), text: await textOf(path) }
  const importer = /^\s*recipe\s*=/m.test(file.text) ? undefined : recipeImporters.find((one) => one.recognises(file))
  if (importer)
    throw new PigmentError(
      'recipe-foreign',
      `"${file.name}" holds the settings of ${importer.title}. Write a recipe of it, look through what is told, and train by that: pigment recipe ${file.name} --write recipe.toml`,
      { name: file.name, program: importer.title },
    )
}

/** `given` as a terminal has it, options of choices in pairs, `NAME=VALUE`; `schema` has them as objects. Throws `recipe-foreign`, and as `openRecipe`. */
export async function filledByRecipe(
  path: string,
  schema: z.ZodObject,
  given: Given,
  tell: (record: EmittedRecord) => void,
): Promise<Given> {
  await refuseForeign(path)
  const recipe = await openRecipe(path, schema)
  const fitting = besideDuration(withoutStrayOptions(recipe, given), given)
  const over = Object.keys(fitting).filter((key) => given[key] !== undefined && given[key] !== fitting[key])
  if (over.length > 0)
    tell({
      type: 'note',
      message: `In place of what ${basename(path)} says: ${over.map((key) => `--${kebab(key)} ${shown(given[key])} (there ${shown(fitting[key])})`).join(', ')}.`,
    })
  const pairs = Object.keys(choices).flatMap((field) => {
    const own = fitting[`${field}Options`] as Given | undefined
    if (own === undefined) return []
    const told = Object.entries(own).map(([name, value]) => `${name}=${String(value)}`)
    // The last of a name counts.
    return [[`${field}Option`, [...told, ...((given[`${field}Option`] as string[] | undefined) ?? [])]] as const]
  })
  const open = Object.entries(fitting).filter(([key]) => given[key] === undefined && !isOptions(key))
  return { ...given, ...Object.fromEntries([...open, ...pairs]) }
}

const isOptions = (key: string): boolean => Object.keys(choices).some((field) => key === `${field}Options`)
const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** Where the line chooses another, the options of what the recipe chose are those of nothing. */
function withoutStrayOptions(recipe: RecipeValues, given: Given): RecipeValues {
  const chosenAnew = Object.keys(choices).filter((field) => given[field] !== undefined && given[field] !== recipe[field])
  return Object.fromEntries(Object.entries(recipe).filter(([key]) => !chosenAnew.some((field) => key === `${field}Options`)))
}
