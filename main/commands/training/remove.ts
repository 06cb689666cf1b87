import { sep } from 'node:path'
import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'
import type { Parts } from '../../studio/parts.ts'
import { trainingRun } from '../../studio/training-runs.ts'

/** A run to the trash, with its samples, curve and checkpoints; adapters of the library stay. Throws `job-running`. */
export const remove = hostCommand({
  input: z.strictObject({ run: id }),
  async run(studio, { run }): Promise<{ readonly undo: string }> {
    const { queue, records, runner, trash } = studio
    trainingRun(studio, run)
    const folder = runner.folderOf(run)
    const job = await queue.take(run)
    try {
      await keepCovers(studio, folder)
      return { undo: await trash.move('run', [folder, await records.leave(run)], job) }
    } catch (error) {
      await queue.bring(job)
      throw error
    }
  },
})

/** Adapters keep their pictures, which may be samples of the run. */
async function keepCovers(studio: Parts, folder: string): Promise<void> {
  const { library } = studio
  for (const { id: adapter } of library.list()) {
    const cover = library.coverOf(adapter)
    if (!cover?.startsWith(folder + sep)) continue
    announceAdapters(studio, [await library.update(adapter, { cover: await library.keepCover(adapter, cover) })])
  }
}
