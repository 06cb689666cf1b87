import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { trainingRun } from '../../studio/training-runs.ts'

/** What a paused run has learnt until then, to be drawn with: its `id` goes into a stack. Throws `run-not-paused`, `run-without-step`. */
export const paused = hostCommand({
  input: z.strictObject({ run: id }),
  async run(studio, { run }): Promise<AdapterCard> {
    const asked = await studio.paused.offered(trainingRun(studio, run))
    const card = studio.library.lent.cards().find((one) => one.id === asked)
    if (card) return card
    throw new PigmentError('run-not-paused', 'The run goes on again. Pause it, and draw with it as it is then.', { run })
  },
})
