import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { storedForm } from '../../api/methods/generate.ts'
import { mergeChoice, mergeSeeds } from '../../api/methods/merging.ts'
import { keepPicture, pictureId, tellDrawing } from '../drawing.ts'
import { jobKind } from '../job-kind.ts'
import { mergeCells } from '../merge-cells.ts'
import { filesOf } from '../merge-sources.ts'
import { orStopped } from '../or-stopped.ts'

/** A layer of a large model takes its time. */
const patience = 30 * 60_000

/** A sheet of a merge that nobody saved yet: before and after, seed by seed. */
export const merge = jobKind({
  work: z.object({ kind: z.literal('merge'), form: storedForm, merge: mergeChoice, seeds: mergeSeeds }),

  async run({ form, merge: choice, seeds }, run) {
    const { job, gallery, models, settings, library, tools, signal } = run
    const { sources, model, ...request } = choice
    const folder = await mkdtemp(join(tmpdir(), 'pigment-merge-'))
    try {
      const base = model === undefined ? undefined : (await orStopped(models.get(model), signal)).path
      const out = join(folder, 'merged.safetensors')
      await tools.call('mergeAdapters', { ...request, files: filesOf(sources, library), model: base, out }, { signal, patience })
      const id = pictureId(job.id, 0)
      const { path, facts } = await orStopped(models.get(form.model), signal)
      const task = {
        model: path,
        vae: form.vae,
        ...mergeCells({ form, merge: choice, seeds }, library, out),
        title: form.prompt.slice(0, 120),
        subtitle: `${facts.name} · ${form.steps} steps · CFG ${form.cfg} · ${form.sampler}`,
        preview: settings.value.livePreview,
        out: gallery.fileOf(id),
        form: JSON.stringify({ form, merge: choice }),
        ...(await orStopped(run.machinery(), signal)),
      }
      const picture = await run.start('grid', task, (event) => {
        if (event.type !== 'drawn') tellDrawing(run, event, 0)
      }).done
      const adapters = sources.map(({ adapter, weight }) => ({ name: library.nameOf(adapter), weight }))
      await keepPicture(run, picture, { id, kind: 'grid', form, index: 0, adapters }, 1)
      return { step: job.steps, cover: picture.out }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})
