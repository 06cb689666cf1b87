import { z } from 'zod'
import type { RunDetails } from '../../api/methods/training.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { runSummary, trainingRun } from '../../studio/training-runs.ts'

export const run = hostCommand({
  input: z.strictObject({ run: id }),
  async run(studio, { run: asked }): Promise<RunDetails> {
    const { records, media } = studio
    const one = trainingRun(studio, asked)
    const told = await records.tell(asked)
    return {
      ...runSummary(studio, one),
      form: one.work.form,
      curve: told.curve,
      samples: told.samples.map(({ file, type: _type, ...sample }) => ({ ...sample, media: media.ofFile(file, sample.step) })),
      forgetting: told.forgetting.map(({ file, type: _type, ...point }) => ({ ...point, media: media.ofFile(file, point.step) })),
      checkpoints: told.checkpoints,
      kept: told.kept.map(({ step }) => step),
      validation: told.validation,
      diagnosis: told.diagnosis,
      ...(told.recommendation ? { recommendation: told.recommendation } : {}),
      ...(one.error ? { error: one.error } : {}),
    }
  },
})
