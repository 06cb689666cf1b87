import { type Settings, settingsChange } from '../../api/methods/settings.ts'
import { hostCommand } from '../../studio/command.ts'

/** Changes the fields that are given. */
export const set = hostCommand({
  input: settingsChange,
  async run({ settings, announcer }, part): Promise<Settings> {
    const now = await settings.change(part)
    announcer.announce('settings', { settings: now })
    return now
  },
})
