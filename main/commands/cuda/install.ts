import { z } from 'zod'
import { source, task } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** From a folder or files that a person has. Processes that compute begin anew with it, once what they do now is done. */
export const install = hostCommand({
  input: z.strictObject({ from: source, task }),
  run: ({ tools, engine, devices, drops, places, tasks }, { from, task }) =>
    tasks.run(task, (running) =>
      drops.lend(from, async (paths) => {
        const made = await tools.call(
          'installCuda',
          { data: places.root, from: paths },
          { signal: running.signal, patience: 30 * 60_000, onEvent: ({ done, total, stage }) => running.progress(done, total, stage) },
        )
        engine.renew()
        devices.forget()
        return made
      }),
    ),
})
