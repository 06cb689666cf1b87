import { z } from 'zod'
import { leftOpen, withDefault } from '../../engine/requests/option.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { modelFields } from '../api/model-fields.ts'
import { downLadder } from '../operations/memory-ladder.ts'
import { fromPairs, inPairs } from '../operations/option-pairs.ts'
import { trainTogether } from '../operations/train-together.ts'
import { filledByRecipe } from '../recipes/fill.ts'
import { engineCommand } from '../studio/command.ts'

const asked = inPairs(trainRequest)
const { variant, rank, alpha, layers, lr, course, badPictures } = asked

/** What a recipe may say of a run, beside the request. */
const ofRun = {
  ...modelFields,
  out: z.string().min(1).meta({
    description: 'the adapter, a .safetensors file; checkpoints lie beside it in a folder of the same name ending in .run until it is done',
    placeholder: 'FILE',
  }),
  forgetting: z.int().min(0).max(1_000_000).optional().meta({
    description:
      'measure what the model forgets every N steps, and at the end (0: only then): draws 8 neutral prompts with and without the adapter; kept beside it as .forgetting.json and .forgetting.png',
    placeholder: 'N',
  }),
  precision: z.enum(['fp32', 'fp16', 'bf16']).default('fp32').meta({ description: 'how the weights are stored' }),
  continue: z.string().min(1).optional().meta({
    description:
      'adapter that is trained further, in place of a fresh one; it tells --variant, --rank, --alpha and --layers unless they are given',
    placeholder: 'FILE',
  }),
}
/** All that a recipe may say, its options as it has them. */
export const recipeFields = z.object({ ...trainRequest.shape, ...ofRun })

const input = z.object({
  recipe: z.string().min(1).optional().meta({
    description: 'a recipe (TOML) that says what the flags leave open; see `pigment recipe`',
    placeholder: 'RECIPE',
  }),
  ...asked,
  ...ofRun,
  anyway: z.boolean().default(false).meta({ description: 'start even where less memory is free than the run is said to take' }),
  workers: z.int().min(1).max(64).default(1).meta({
    description: 'share the batch of each step out among N workers of the --queue; the result is that of one, to rounding',
    placeholder: 'N',
  }),
  // Those of the file that is trained on, unless they are given.
  variant: leftOpen(variant),
  rank: leftOpen(rank),
  alpha: leftOpen(alpha),
  layers: leftOpen(layers),
  // Those that go with the optimizer, unless they are given.
  lr: leftOpen(lr),
  course: leftOpen(course),
  // Nobody looks on: a script should learn of it before the hours are spent.
  badPictures: withDefault(badPictures, 'refuse'),
})

export const train = engineCommand({
  summary: 'Train a LoRA adapter on a folder of pictures. Ctrl-C stops with a checkpoint; the same command continues.',
  order: 1,
  input,
  positional: 'recipe',
  fill: async (given, tell) => (typeof given.recipe === 'string' ? filledByRecipe(given.recipe, recipeFields, given, tell) : given),
  run: (engine, { workers, recipe: _filled, ...given }, watching) =>
    downLadder(() => trainTogether(engine, fromPairs(given), workers, watching), {
      renew: () => engine.renew?.(),
      tell: watching.onEvent,
      signal: watching.signal,
    }),
})
