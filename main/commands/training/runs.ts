import type { RunSummary } from '../../api/methods/training.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { isTraining, runSummary } from '../../studio/training-runs.ts'

export const runs = hostCommand({
  input: none,
  run: (studio): readonly RunSummary[] =>
    studio.queue
      .list()
      .filter(isTraining)
      .map((one) => runSummary(studio, one)),
})
