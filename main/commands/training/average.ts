import { join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { AdapterCard } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { safeName } from '../../stores/safe-name.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'
import { trainingRun } from '../../studio/training-runs.ts'

const patience = 30 * 60_000

/**
 * A post-hoc EMA of a finished run, into the library: the mean of its kept steps and its last one, of a width relative to the training (Karras et al.
 * 2024). Throws `run-without-adapter`, `steps-too-few`.
 */
export const average = hostCommand({
  input: z.strictObject({ run: id, width: z.number().gt(0.01).lt(0.28) }),
  async run(studio, { run, width }): Promise<AdapterCard> {
    const { library, records, runner, tools } = studio
    const { title, work } = trainingRun(studio, run)
    const [last, { kept }] = [library.ofRun(run), await records.tell(run)]
    if (kept.length === 0)
      throw new PigmentError(
        'steps-too-few',
        `“${title}” kept no step beside its last one, so there is nothing to average. Train with samples.`,
        {
          title,
        },
      )
    const out = join(runner.folderOf(run), 'checkpoints', `${safeName(work.form.name)}-ema-${width}.safetensors`)
    const files = [...kept.map(({ file }) => file), library.path(last.id)]
    const made = await tools.call('averageAdapters', { files, width, out }, { patience })
    const { triggers } = last
    const card = await library.import(made.out, 'trained', { title: `${title} · EMA ${width}`, ...(triggers ? { triggers } : {}) })
    announceAdapters(studio, [card])
    return card
  },
})
