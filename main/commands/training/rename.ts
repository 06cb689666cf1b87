import { z } from 'zod'
import type { RunSummary } from '../../api/methods/training.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { isTraining, runSummary, trainingRun } from '../../studio/training-runs.ts'

/** What a run is called; files and adapters that it made keep their names. */
export const rename = hostCommand({
  input: z.strictObject({ run: id, name: z.string().trim().min(1).max(120) }),
  async run(studio, { run, name }): Promise<RunSummary> {
    const before = trainingRun(studio, run)
    const now = await studio.queue.rename(run, name)
    return runSummary(studio, isTraining(now) ? now : before)
  },
})
