import { z } from 'zod'
import { gridAxis, storedForm } from '../../api/methods/generate.ts'
import { keepPicture, pictureId, tellDrawing } from '../drawing.ts'
import { gridCells } from '../grid.ts'
import { jobKind } from '../job-kind.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { downLadder } from '../../operations/memory-ladder.ts'
import { onLadder } from '../on-ladder.ts'
import { openedBy } from '../opened-model.ts'
import { orStopped } from '../or-stopped.ts'
import { stackOf } from '../stack.ts'

/** One sheet over one or two parameters. */
export const grid = jobKind({
  work: z.object({ kind: z.literal('grid'), form: storedForm, x: gridAxis, y: gridAxis.optional() }),
  draws: true,
  opens: ({ form }) => openedBy(form),

  async run({ form, x, y }, run) {
    const { job, gallery, models, settings, library, signal } = run
    const { cells, columns, rows } = gridCells(form, x, y, library)
    const id = pictureId(job.id, 0)
    const { path, facts } = await orStopped(models.get(form.model), signal)
    const task = {
      model: path,
      vae: form.vae,
      cells,
      columns,
      rows,
      title: form.prompt.slice(0, 120),
      subtitle: `${facts.name} · seed ${form.seed} · ${form.steps} steps · CFG ${form.cfg} · ${form.sampler}`,
      preview: settings.value.livePreview,
      out: gallery.fileOf(id),
      form: JSON.stringify({ form, x, y }),
      ...(await orStopped(run.machinery(), signal)),
    }
    const draw = (economy: Economy) =>
      run.start('grid', { ...task, economy }, (event) => {
        if (event.type !== 'drawn') tellDrawing(run, event, 0)
      }).done
    const picture = await downLadder(draw, onLadder(run))
    const { adapters } = stackOf(form, library)
    await keepPicture(run, picture, { id, kind: 'grid', form, index: 0, adapters, x, ...(y ? { y } : {}) }, 1)
    return { step: job.steps, cover: picture.out }
  },
})
