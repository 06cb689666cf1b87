import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { RaceResult } from '../../../engine/requests/race.ts'
import type { RaceDetails } from '../../api/methods/race.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** A race, with its table and pictures once it is done. Throws `job-unknown`. */
export const raced = hostCommand({
  input: z.strictObject({ job: id }),
  async run({ queue, runner, media }, { job: asked }): Promise<RaceDetails> {
    const { id: job, work, state, error, endedAt } = queue.get(asked)
    if (work.kind !== 'race') throw new PigmentError('job-unknown', 'This job is no race.', { job })
    const folder = runner.folderOf(job)
    const text = state === 'done' ? await readFile(join(folder, 'race.json'), 'utf8').catch(() => undefined) : undefined
    const told = text === undefined ? undefined : (JSON.parse(text) as RaceResult)
    const rows = told?.rows.map((row) => ({ ...row, pictures: row.pictures.map((file) => media.ofFile(join(folder, file), endedAt ?? 0)) }))
    return {
      id: job,
      name: work.form.name,
      state,
      form: work.form,
      ...(told && rows ? { result: { ...told, rows } } : {}),
      ...(error ? { error } : {}),
    }
  },
})
