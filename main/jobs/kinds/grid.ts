import { z } from 'zod'
import { stepsTaken } from '../../../engine/conditions/chosen.ts'
import type { Economy } from '../../../engine/sessions/economy.ts'
import { gridAxis, storedForm } from '../../api/methods/generate.ts'
import { promptSource } from '../../operations/drawn-form.ts'
import { axesWritten, inDrawingOrder } from '../../operations/grid-plan.ts'
import { downLadder } from '../../operations/memory-ladder.ts'
import { keepInterrupted, keepPicture, pictureId, tellDrawing } from '../drawing.ts'
import { gridCells, gridWorld } from '../grid.ts'
import { jobKind } from '../job-kind.ts'
import { onLadder } from '../on-ladder.ts'
import { openedBy } from '../opened-model.ts'
import { orStopped } from '../or-stopped.ts'

/** A picture for every cell of one, two or three axes, and a sheet of them. */
export const grid = jobKind({
  work: z.object({
    kind: z.literal('grid'),
    form: storedForm,
    x: gridAxis,
    y: gridAxis.optional(),
    z: gridAxis.optional(),
    /** As many as were agreed on. */
    cells: z.int().optional(),
  }),
  draws: true,
  opens: ({ form }) => openedBy(form),

  async run({ form, x, y, z, cells: most }, run) {
    const { job, gallery, models, settings, library, signal, tools } = run
    const axes = { x, ...(y ? { y } : {}), ...(z ? { z } : {}) }
    const parts = { library, world: gridWorld(library, await orStopped(models.list(), signal)), source: promptSource(run.places.root) }
    const { cells, ...labels } = await orStopped(gridCells(form, axes, parts, most), signal)
    const numbered = cells.map((cell, index) => ({ ...cell, index, id: pictureId(job.id, index) }))
    // What an interrupted job drew already is not drawn again.
    const made = new Set(gallery.list().flatMap((one) => (one.job === job.id && one.kind === 'picture' ? [one.index] : [])))
    let before = numbered.reduce((sum, { index, task }) => sum + (made.has(index) ? stepsTaken(task.request) : 0), 0)
    const left = inDrawingOrder(numbered, openedBy).filter(({ index }) => !made.has(index))
    let seconds = 0
    for (const group of Map.groupBy(left, (cell) => openedBy(cell.form)).values()) {
      const of = group[0]?.form ?? form
      const { path } = await orStopped(models.get(of.model), signal)
      const common = { model: path, vae: of.vae, preview: settings.value.livePreview, ...(await orStopped(run.machinery(), signal)) }
      let saving = Promise.resolve()
      let drawn = 0
      const draw = (economy: Economy) => {
        const rest = group.slice(drawn)
        const pictures = rest.map(({ task, form: own, asked, id }) => ({
          ...task,
          out: gallery.fileOf(id),
          form: JSON.stringify({ form: own, asked }),
        }))
        const since = before
        return run.start('draw', { ...common, economy, pictures }, (event) => {
          if (event.type !== 'drawn' && event.type !== 'interrupted') return tellDrawing(run, event, since)
          const cell = rest[event.index]
          if (!cell) return
          const { id, index, adapters, form: own, asked } = cell
          const known = { id, kind: 'picture', form: own, asked, index, adapters } as const
          drawn++
          before += stepsTaken(cell.task.request)
          if (event.type === 'interrupted') return void (saving = saving.then(() => keepInterrupted(run, event, known, cells.length)))
          seconds += event.picture.seconds
          saving = saving.then(() => keepPicture(run, event.picture, known, cells.length))
        }).done
      }
      try {
        await downLadder(draw, onLadder(run))
      } finally {
        await saving
      }
    }
    const { facts } = await models.get(form.model)
    const id = pictureId(job.id, cells.length)
    const out = gallery.fileOf(id)
    const grouped = labels.sheets.length > 0 ? labels.sheets : ['']
    const rows = labels.rows.length > 0 ? labels.rows : ['']
    const at = (s: number, r: number) => numbered.filter(({ sheet, row }) => sheet === s && row === r)
    const sheet = await tools.call('gridSheet', {
      cells: grouped.map((_, s) => rows.map((_, r) => at(s, r).map((cell) => gallery.fileOf(cell.id)))),
      ...labels,
      title: form.prompt.slice(0, 120),
      subtitle: `${facts.name} · seed ${form.seed} · ${form.steps} steps · CFG ${form.cfg} · ${form.sampler}`,
      out,
      form: JSON.stringify({ form, ...axes }),
      axes: axesWritten(axes),
    })
    const places = sheet.places.flat(2)
    const known = { id, kind: 'grid', form, index: cells.length, adapters: cells[0]?.adapters ?? [], ...axes } as const
    const opens = numbered.flatMap(({ id: picture }, i) => (places[i] ? [{ picture, ...places[i] }] : []))
    await keepPicture(run, { ...sheet, out, seconds, model: facts.name }, { ...known, cells: opens }, cells.length + 1)
    return { step: job.steps, cover: out }
  },
})
