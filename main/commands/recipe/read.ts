import { z } from 'zod'
import type { RecipeRead } from '../../api/methods/recipe.ts'
import { id, source } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { formOfRecipe } from '../../studio/recipe-form.ts'

/** From files that belong together, or from an adapter of the library. Throws as recipes are read. */
export const read = hostCommand({
  input: z.union([source, z.strictObject({ adapter: id })]),
  async run(studio, from): Promise<RecipeRead> {
    const { drops, tools, library } = studio
    if ('adapter' in from) return formOfRecipe(await tools.call('readRecipe', { paths: [library.path(from.adapter)] }), studio)
    return formOfRecipe(await drops.lend(from, (paths) => tools.call('readRecipe', { paths })), studio)
  },
})
