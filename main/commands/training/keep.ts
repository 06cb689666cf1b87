import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'
import { trainingRun } from '../../studio/training-runs.ts'

/** Takes the weights of one step into the library, under the name of the run and the step. Throws `step-unknown`. */
export const keep = hostCommand({
  input: z.strictObject({ run: id, step: z.int().min(1) }),
  async run(studio, { run, step }): Promise<AdapterCard> {
    const { library, records } = studio
    const { title, work } = trainingRun(studio, run)
    const { kept, samples } = await records.tell(run)
    const found = kept.find((one) => one.step === step)
    if (!found) {
      const steps = kept.map((one) => one.step).join(', ')
      throw new PigmentError('step-unknown', `The weights of step ${step} are not there. There are those of ${steps || 'none'}.`, {
        step,
        steps,
      })
    }
    const trigger = work.form.trigger?.trim()
    const picture = samples.find((one) => one.step === step)?.file
    const card = await library.import(found.file, 'trained', {
      title: `${title} · ${step}`,
      ...(trigger ? { triggers: [trigger] } : {}),
      ...(picture ? { cover: picture } : {}),
    })
    announceAdapters(studio, [card])
    return card
  },
})
