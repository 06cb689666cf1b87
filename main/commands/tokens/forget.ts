import { z } from 'zod'
import { hostCommand } from '../../studio/command.ts'

export const forget = hostCommand({
  input: z.strictObject({ site: z.string().max(60) }),
  run: ({ tokens }, { site }): Promise<void> => tokens.forget(site),
})
