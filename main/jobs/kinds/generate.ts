import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import { z } from 'zod'
import { storedForm } from '../../api/methods/generate.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { keepInterrupted, keepPicture, pictureId, tellDrawing } from '../drawing.ts'
import { jobKind, type Outcome } from '../job-kind.ts'
import type { JobRun } from '../job-run.ts'
import { drawnForm, promptSource } from '../../operations/drawn-form.ts'
import { downLadder } from '../../operations/memory-ladder.ts'
import { onLadder } from '../on-ladder.ts'
import { openedBy } from '../opened-model.ts'
import { orStopped } from '../or-stopped.ts'
import { pictureOf } from '../stack.ts'

/** `count` pictures with seeds one after another, or as many as there is time for; those without end let others go first. */
export const generate = jobKind({
  work: z.object({ kind: z.literal('generate'), form: storedForm, count: z.int(), forever: z.boolean().optional() }),
  draws: true,
  opens: ({ form }) => openedBy(form),

  async run({ form, count, forever = false }, run) {
    const { job, gallery, turn } = run
    // What an interrupted job drew already is not drawn again.
    const made = new Set(gallery.list().flatMap((one) => (one.job === job.id ? [one.index] : [])))
    if (!forever) {
      const indexes = Array.from({ length: count }, (_, i) => i).filter((i) => !made.has(i))
      return drawPictures(form, { indexes, count, before: made.size }, run)
    }
    for (let next = Math.max(-1, ...made) + 1; ; next++) {
      const drawn = await drawPictures(form, { indexes: [next], count: 1, before: 0 }, run)
      if (turn.awaited()) return { ...drawn, again: true }
    }
  },
})

interface Wanted {
  /** Which are to be drawn, by what is added to the seed. */
  readonly indexes: readonly number[]
  readonly count: number
  /** So many were drawn in earlier turns. */
  readonly before: number
}

async function drawPictures(form: z.output<typeof storedForm>, { indexes, count, before: earlier }: Wanted, run: JobRun): Promise<Outcome> {
  const { job, gallery, models, library, settings, signal } = run
  const source = promptSource(run.places.root)
  const series = indexes.map((i) => drawnForm({ ...form, seed: form.seed + i }, source))
  const forms = await orStopped(Promise.all(series), signal)
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
  const draw = (economy: Economy) => {
    const before = drawn
    return run.start('draw', { ...task, economy, pictures: task.pictures.slice(before) }, (event) => {
      if (event.type !== 'drawn' && event.type !== 'interrupted') return tellDrawing(run, event, (earlier + before) * stepsTaken(form))
      const { picture } = event
      const index = before + event.index
      const at = indexes[index] ?? index
      const { form: own = form, asked } = forms[index] ?? {}
      const adapters = drawings[index]?.adapters ?? []
      const known = { id: pictureId(job.id, at), kind: 'picture', form: own, asked, index: at, adapters } as const
      drawn = index + 1
      if (event.type === 'interrupted') return void (saving = saving.then(() => keepInterrupted(run, event, known, count)))
      cover = picture.out
      saving = saving.then(() => keepPicture(run, picture, known, count))
    }).done
  }
  try {
    await downLadder(draw, onLadder(run))
  } finally {
    await saving
  }
  return { step: stepsTaken(form) * count, ...(cover ? { cover } : {}) }
}
