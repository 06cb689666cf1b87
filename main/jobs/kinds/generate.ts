import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { z } from 'zod'
import { storedForm } from '../../api/methods/generate.ts'
import { keepPicture, pictureId, tellDrawing } from '../drawing.ts'
import { jobKind } from '../job-kind.ts'
import { promptSource } from '../../operations/drawn-form.ts'
import { downLadder } from '../../operations/memory-ladder.ts'
import { onLadder } from '../on-ladder.ts'
import { openedBy } from '../opened-model.ts'
import { orStopped } from '../or-stopped.ts'
import { seriesOf } from '../series.ts'
import { pictureOf } from '../stack.ts'

/** `count` pictures with seeds one after another. */
export const generate = jobKind({
  work: z.object({ kind: z.literal('generate'), form: storedForm, count: z.int() }),
  draws: true,
  opens: ({ form }) => openedBy(form),

  async run({ form, count }, run) {
    const { job, gallery, models, library, settings, signal } = run
    // What an interrupted job drew already is not drawn again.
    const made = new Set(gallery.list().flatMap((one) => (one.job === job.id ? [one.index] : [])))
    const indexes = Array.from({ length: count }, (_, i) => i).filter((i) => !made.has(i))
    const series = await orStopped(seriesOf(form, count, promptSource(run.places.root)), signal)
    const forms = indexes.flatMap((i) => series[i] ?? [])
    // A tag may ask for weights that are drawn by the seed.
    const drawings = forms.map(({ form: one }) => pictureOf(one, library))
    const task = {
      model: (await orStopped(models.get(form.model), signal)).path,
      vae: form.vae,
      pictures: drawings.map((drawing, k) => ({
        ...drawing.task,
        templates: forms[k]?.templates,
        out: gallery.fileOf(pictureId(job.id, indexes[k] ?? 0)),
        form: JSON.stringify({ form: forms[k]?.form, asked: forms[k]?.asked }),
      })),
      preview: settings.value.livePreview,
      ...(await orStopped(run.machinery(), signal)),
    }
    let cover = job.cover
    let saving = Promise.resolve()
    /** Those that were drawn before memory was short. */
    let drawn = 0
    await downLadder((economy) => {
      const before = drawn
      return run.start('draw', { ...task, economy, pictures: task.pictures.slice(before) }, (event) => {
        if (event.type !== 'drawn') return tellDrawing(run, event, (made.size + before) * stepsTaken(form))
        const { picture } = event
        const index = before + event.index
        const at = indexes[index] ?? index
        drawn = index + 1
        cover = picture.out
        const { form: own = form, asked } = forms[index] ?? {}
        const adapters = drawings[index]?.adapters ?? []
        const known = { id: pictureId(job.id, at), kind: 'picture', form: own, asked, index: at, adapters } as const
        saving = saving.then(() => keepPicture(run, picture, known, count))
      }).done
    }, onLadder(run))
    await saving
    return { step: stepsTaken(form) * count, ...(cover ? { cover } : {}) }
  },
})
