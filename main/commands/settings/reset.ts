import { z } from 'zod'
import type { Settings } from '../../api/methods/settings.ts'
import { hostCommand } from '../../studio/command.ts'

export const reset = hostCommand({
  input: z.strictObject({ fields: z.array(z.string().max(60)).optional() }),
  async run({ settings, announcer }, { fields }): Promise<Settings> {
    const now = await settings.reset(fields)
    announcer.announce('settings', { settings: now })
    return now
  },
})
