import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { besideDuration, refuseTwoDurations } from '../../engine/requests/duration-fields.ts'
import { leftOpen } from '../../engine/requests/option.ts'
import type { OwnOptions } from '../../engine/requests/own-options.ts'
import { fromPairs, inPairs } from '../operations/option-pairs.ts'
import { prepareOutput } from '../operations/output-file.ts'
import { recipeFields } from '../recipes/fields.ts'
import { located } from '../recipes/open-recipe.ts'
import { besideRecipe } from '../recipes/portable.ts'
import { writeRecipe } from '../recipes/write-recipe.ts'
import { toolsCommand } from '../studio/command.ts'

type Values = Readonly<Record<string, unknown>>

/** What is not said stays open: whoever trains by it has the defaults of that day. */
const open = Object.fromEntries(
  Object.entries(inPairs(recipeFields) as Readonly<Record<string, z.ZodType>>).map(([key, field]) => [
    key,
    field instanceof z.ZodDefault ? leftOpen(field as z.ZodDefault<z.ZodType>) : field.optional().meta(field.meta() ?? {}),
  ]),
)

const input = z.object({
  files: z.array(z.string().min(1)).max(16).default([]).meta({
    description:
      'what it is made from: a recipe, an adapter that Pigment trained, or the settings of sd-scripts (.toml, and the .sh or .bat that begins the run) or OneTrainer (.json), files that belong together; without any, from the flags',
    placeholder: 'FILE',
  }),
  write: z.string().min(1).optional().meta({
    description: 'the recipe, a .toml file that tells of every option what it is; without it the values are shown',
    placeholder: 'RECIPE',
  }),
  ...open,
})

export const recipe = toolsCommand({
  summary: 'Write a recipe of a training run, from flags, an adapter, or the settings of sd-scripts and OneTrainer; train by it.',
  order: 1.5,
  input,
  positional: 'files',
  async run(tools, { files, write, ...flags }) {
    const { values, report, named } =
      files.length > 0 ? await tools.call('readRecipe', { paths: files.map((file) => resolve(file)) }) : { values: {} }
    const said = located(together(values, fromPairs(flags)), recipeFields, process.cwd())
    // A recipe says nothing of itself that another cannot use.
    const missing = Object.entries(named ?? {}).filter(([field]) => said[field] === undefined)
    const told = {
      ...report,
      ...(missing.length > 0 ? { toBeGiven: missing.map(([field, was]) => ({ flag: `--${field}`, was })) } : {}),
    }
    if (write === undefined) return { recipe: writeRecipe(recipeFields, said, { explained: false }).trimEnd().split('\n'), ...told }
    const out = await prepareOutput(write, '.toml', files)
    await writeFileAtomic(out, new TextEncoder().encode(writeRecipe(recipeFields, besideRecipe(said, recipeFields, out))))
    return { recipe: out, folder: dirname(out), ...told }
  },
})

/** Flags win; of the options of a choice one by one, as long as the choice is the same. */
function together(values: Values, flags: Values): Values {
  const given = Object.fromEntries(Object.entries(flags).filter(([key, value]) => value !== undefined && key in recipeFields.shape))
  const both = Object.keys(given).filter((key) => key.endsWith('Options') && values[key] !== undefined)
  refuseTwoDurations(given)
  return {
    ...besideDuration(values, given),
    ...given,
    ...Object.fromEntries(both.map((key) => [key, { ...(values[key] as OwnOptions), ...(given[key] as OwnOptions) }])),
  }
}
