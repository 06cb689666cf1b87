import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { mergeForm, type MergeSaved } from '../../api/methods/merging.ts'
import { safeName } from '../../stores/safe-name.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'
import { mergedOfLibrary } from '../../studio/merging.ts'

/** A merge as a new entry of the library; `library.remove` undoes it, and gives what undoes that. */
export const save = hostCommand({
  input: mergeForm.extend({ title: z.string().min(1).max(200) }),
  run: (studio, { title, ...form }): Promise<MergeSaved> =>
    studio.tasks.run(form.task, async (running) => {
      const folder = await mkdtemp(join(tmpdir(), 'pigment-merge-'))
      try {
        const out = join(folder, `${safeName(title)}.safetensors`)
        const { written: _written, ...report } = await mergedOfLibrary(studio, form, running, { out, title })
        const adapter = await studio.library.import(out, 'imported', { title })
        announceAdapters(studio, [adapter])
        return { adapter, report }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }),
})
