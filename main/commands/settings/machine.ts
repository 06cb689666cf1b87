import { z } from 'zod'
import { chooseProvider, type ProviderReport, type SelfTest } from '../../../engine/runtime/providers.ts'
import type { Machine } from '../../api/methods/settings.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeDevice } from '../../studio/describe-device.ts'

/** Runs the self-test of every device in a process of its own; the last result is kept unless `again`. */
export const machine = hostCommand({
  input: z.strictObject({ again: z.boolean().default(false) }),
  async run({ tools, places, devices, settings }, { again }): Promise<Machine> {
    const facts = await tools.call('machine', { folder: places.root })
    const reports = await devices.reports(again)
    const told: SelfTest = (provider) => Promise.resolve(reports.find((report) => report.provider === provider) as ProviderReport)
    const chosen = await chooseProvider(settings.value.device, told).catch(() => undefined)
    return { ...facts, devices: reports.map((report) => describeDevice(report, chosen?.provider)) }
  },
})
