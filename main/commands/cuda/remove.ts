import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Removes what was installed. A process that computes with it keeps it until it ends. */
export const remove = hostCommand({
  input: none,
  async run({ tools, engine, devices, places }) {
    const removed = await tools.call('removeCuda', { data: places.root })
    engine.renew()
    devices.forget()
    return removed
  },
})
