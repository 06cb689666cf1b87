import { z } from 'zod'
import { mergeForm, type MergeBaked } from '../../api/methods/merging.ts'
import { id, path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { mergedOfLibrary } from '../../studio/merging.ts'

/** A merge in a copy of its model: a file or a folder as the model is. */
export const bake = hostCommand({
  input: mergeForm.extend({ model: id, out: path, precision: z.enum(['fp32', 'fp16', 'bf16']).optional() }),
  run: (studio, { out, precision, ...form }): Promise<MergeBaked> =>
    studio.tasks.run(form.task, async (running) => {
      const { written, ...report } = await mergedOfLibrary(studio, form, running, { out, into: true, precision })
      return { out, bytes: written?.sizeBytes ?? 0, report }
    }),
})
