import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const sampleNow = hostCommand({
  input: z.strictObject({ job: id }),
  run: ({ runner }, { job }): void => runner.sampleNow(job),
})
