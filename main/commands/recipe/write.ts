import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { RecipeWritten } from '../../api/methods/recipe.ts'
import { trainingForm } from '../../api/methods/training.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { recipeOfForm } from '../../studio/recipe-form.ts'
import { isTraining } from '../../studio/training-runs.ts'

/** A recipe of a form, or of a run, as the text of its file. */
export const write = hostCommand({
  input: z.union([z.strictObject({ form: trainingForm }), z.strictObject({ run: id })]),
  async run(studio, from): Promise<RecipeWritten> {
    if ('form' in from) return recipeOfForm(from.form, studio)
    const job = studio.queue.get(from.run)
    if (!isTraining(job)) throw new PigmentError('job-unknown', 'This job is no training run.', { job: from.run })
    return recipeOfForm(trainingForm.parse(job.work.form), studio)
  },
})
