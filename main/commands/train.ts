import { z } from 'zod'
import { refuseTwoDurations } from '../../engine/requests/duration-fields.ts'
import { leftOpen, withDefault } from '../../engine/requests/option.ts'
import { openPresets, presetBeside, presetField } from '../../engine/requests/presets.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { setsInWords } from '../operations/sets-in-words.ts'
import { downLadder } from '../operations/memory-ladder.ts'
import { fromPairs, inPairs } from '../operations/option-pairs.ts'
import { trainTogether } from '../operations/train-together.ts'
import { refuseNoPrompt } from '../operations/sample-plan.ts'
import { recipeFields, runFields } from '../recipes/fields.ts'
import { filledByRecipe } from '../recipes/fill.ts'
import { engineCommand } from '../studio/command.ts'

const asked = inPairs(trainRequest)
const { variant, badPictures } = asked

const input = z.object({
  recipe: z.string().min(1).optional().meta({
    description: 'a recipe (TOML) that says what the flags leave open; see `pigment recipe`',
    placeholder: 'RECIPE',
  }),
  ...asked,
  ...runFields,
  anyway: z.boolean().default(false).meta({ description: 'start even where less memory is free than the run is said to take' }),
  stopAt: z.int().min(1).optional().meta({
    description:
      'stop after step N with a checkpoint, as Ctrl-C does: the adapter as it is then can be exported, and the same command without it goes on',
    placeholder: 'N',
    fallback: 'the last step',
  }),
  workers: z.int().min(1).max(64).default(1).meta({
    description: 'share the batch of each step out among N workers of the --queue; the result is that of one, to rounding',
    placeholder: 'N',
  }),
  sets: setsInWords,
  preset: presetField,
  // What belongs to the model or goes with the optimizer, unless it is given; rank, alpha and layers of the file that is trained on.
  ...openPresets(asked),
  variant: leftOpen(variant),
  // Nobody looks on: a script should learn of it before the hours are spent.
  badPictures: withDefault(badPictures, 'refuse'),
})

export const train = engineCommand({
  summary: 'Train a LoRA adapter on a folder of pictures. Ctrl-C stops with a checkpoint; the same command continues.',
  order: 1,
  input,
  positional: 'recipe',
  fill: async (given, tell) => (typeof given.recipe === 'string' ? filledByRecipe(given.recipe, recipeFields, given, tell) : given),
  async run(engine, { workers, recipe, preset, ...given }, watching) {
    refuseTwoDurations(given)
    refuseNoPrompt(given)
    return downLadder(
      () => trainTogether(engine, { ...fromPairs(given), cautious: true, preset: presetBeside(preset, recipe) }, workers, watching),
      {
        renew: () => engine.renew?.(),
        tell: watching.onEvent,
        signal: watching.signal,
      },
    )
  },
})
