import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** What there is of the picture that a job draws now is kept, and its next one is begun. */
export const skip = hostCommand({
  input: z.strictObject({ job: id }),
  run: ({ runner }, { job }): void => runner.skipPicture(job),
})
