import { z } from 'zod'
import type { MaskRuns } from '../../api/methods/generate.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** What a mask leaves free, for a brush to go on from. Throws what tells that it is gone, or no picture. */
export const maskRuns = hostCommand({
  input: z.strictObject({ path }),
  run: ({ tools }, { path: file }): Promise<MaskRuns> => tools.call('maskRuns', { path: file }),
})
