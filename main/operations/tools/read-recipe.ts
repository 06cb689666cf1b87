import { basename } from 'node:path'
import { openAdapter } from '../../../engine/adapter-formats/read.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { recipeFields } from '../../recipes/fields.ts'
import { openRecipes, type FoundRecipe } from '../../recipes/import-recipe.ts'
import { readRecipe as read } from '../../recipes/read-recipe.ts'

export interface ReadRecipe extends FoundRecipe {
  /** Of what an adapter was made with, by its own name: only that is in it. */
  readonly named?: { readonly model?: string; readonly dataset?: string }
}

/** Of files that belong together, or of one adapter, which names its folders without their place. Throws `recipe-none`, and as recipes are read. */
export async function readRecipe({ paths }: { paths: readonly string[] }): Promise<ReadRecipe> {
  const [path = ''] = paths
  if (paths.length !== 1 || !/\.safetensors$/i.test(path)) return openRecipes(paths)
  const { files } = await openAdapter(path)
  const metadata = new Map(files.flatMap((file) => [...file.metadata]))
  const text = metadata.get('pigment.recipe')
  if (text === undefined)
    throw new PigmentError(
      'recipe-none',
      `No recipe is in "${basename(path)}": it was made by another program, or its metadata was taken out. Choose another adapter, or write a recipe from flags: pigment recipe --write FILE.`,
      { name: basename(path) },
    )
  const { dataset, classPictures: _class, ...values } = read(text, recipeFields, basename(path))
  const model = metadata.get('ss_sd_model_name')
  return { values, named: { ...(model === undefined ? {} : { model }), ...(typeof dataset === 'string' ? { dataset } : {}) } }
}
