import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import { raceForm } from '../../api/methods/race.ts'
import { taking } from '../../operations/race/entrants.ts'
import { runRace } from '../../operations/run-race.ts'
import { jobKind } from '../job-kind.ts'
import { orStopped } from '../or-stopped.ts'

/** Methods on the same pictures, one after the other, each in an engine process that begins anew. A race that was stopped keeps who is finished. */
export const race = jobKind({
  work: z.object({ kind: z.literal('race'), form: raceForm }),

  async run({ form }, run) {
    const { update, tell, signal, datasets, models, folder, caller } = run
    const { name: _name, dataset, model, ...asked } = form
    await mkdir(folder, { recursive: true })
    const given = {
      ...asked,
      dataset: datasets.entry(dataset).path,
      model: (await orStopped(models.get(model), signal)).path,
      out: folder,
      ...(await orStopped(run.machinery(), signal)),
    }
    const began = Date.now()
    const before = run.job.seconds
    let told = ''
    const { files } = await runRace(given, caller, {
      signal,
      onEvent(event, { index, title }) {
        if (told !== title) tell({ type: 'log', at: Date.now(), level: 'info', text: `Its turn: ${title}`, code: 'turn', facts: { title } })
        told = title
        if (event.type === 'warning') tell(event)
        if (event.type === 'prepare') update({ preparing: { stage: event.stage, done: event.done, total: event.total } })
        if (event.type !== 'step' || !('loss' in event)) return
        const done = form.steps * index + Math.round((form.steps * event.step) / event.steps)
        update({ step: done, preparing: null, seconds: before + (Date.now() - began) / 1000 })
      },
    })
    return { step: form.steps * (taking(form.methods).in.length + 1), cover: files.blind, preparing: null }
  },
})
