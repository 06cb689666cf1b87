// The methods of generating, the gallery and the queue.
import { randomInt } from 'node:crypto'
import { stepsTaken } from '../../engine/conditions/chosen.ts'
import { chosenSampler } from '../../engine/samplers/sampler-options.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { storedForm } from '../api/methods/generate.ts'
import { gridCells } from '../jobs/grid.ts'
import { stackOf } from '../jobs/stack.ts'
import { readForm } from '../stores/gallery.ts'
import { usualGuidance } from '../stores/models.ts'
import { describeJob } from './describe-job.ts'
import type { Handlers } from './handlers.ts'
import type { Parts } from './parts.ts'
import { formOfPicture } from './form-of-picture.ts'
import { recalledForm } from './recall.ts'
import { keptPicture } from './kept-picture.ts'
import { conditionCards, pictureFields, samplerCards } from './training-fields.ts'

export function generateHandlers({ models, queue, media, library, gallery, drops, places, tools }: Parts): Handlers<'generate'> {
  return {
    async options({ model }) {
      const { facts } = await models.get(model)
      return {
        fields: pictureFields,
        samplers: samplerCards,
        conditions: conditionCards,
        side: facts.side,
        sizeStep: 8,
        guidance: usualGuidance(model),
      }
    },
    async enqueue({ form, count, front }) {
      // What cannot be resolved is told now and not when its turn comes.
      stackOf(form, library)
      chosenSampler(form)
      await models.get(form.model)
      const title = form.prompt.slice(0, 80) || '—'
      return describeJob(await queue.add(title, { kind: 'generate', form, count }, stepsTaken(form) * count, front), queue, media)
    },
    async grid({ form, x, y }) {
      const { cells } = gridCells(form, x, y, library)
      for (const { request } of cells.flat()) chosenSampler(request)
      await models.get(form.model)
      const steps = cells.flat().reduce((sum, { request }) => sum + stepsTaken(request), 0)
      const title = form.prompt.slice(0, 80) || '—'
      return describeJob(await queue.add(title, { kind: 'grid', form, x, ...(y ? { y } : {}) }, steps), queue, media)
    },
    seed: () => randomInt(2 ** 32),
    async keepPicture(from) {
      if ('picture' in from) return { path: gallery.fileOf(gallery.get(from.picture).id) }
      return drops.lend(from, async ([path]) => ({ path: 'path' in from ? from.path : await keptPicture(path, places.inputs) }))
    },
    async recall(from) {
      if ('picture' in from) {
        const [adapters, known] = await Promise.all([library.list(), models.list()])
        return formOfPicture(gallery.get(from.picture), library, { adapters, models: known })
      }
      const said = await drops.lend(from, async ([path]) => {
        if (!path) throw new PigmentError('drop-unknown', 'Nothing was dropped.', {})
        return tools.call('recall', { path })
      })
      const own = said.form === null ? undefined : storedForm.safeParse(readForm(said.form))
      if (own?.success) return recalledForm({ ...said, own: own.data }, library, await models.list())
      if (said.unread) {
        const sentence = `What this picture says of its making is ${said.program === 'JSON' ? 'JSON of a program that is not known here' : `${said.program}'s`}, and it holds no prompt in a form that can be read. Use the picture as it was saved by that program's usual way of making one.`
        throw new PigmentError('picture-foreign', sentence, { program: said.program, text: said.text.slice(0, 2000) })
      }
      if (said.text.trim() === '')
        throw new PigmentError(
          'picture-silent',
          'This picture says nothing of how it was made: its texts were removed, it never had any, or they are not of a kind that is known here.',
          {},
        )
      return recalledForm(said, library, await models.list())
    },
  }
}

export function galleryHandlers({ gallery, announcer }: Parts): Handlers<'gallery'> {
  return {
    list({ text, starred, job, offset, limit }) {
      const wanted = text.toLowerCase()
      const found = gallery
        .list()
        .filter(
          (one) => (!starred || one.starred) && (job === undefined || one.job === job) && one.form.prompt.toLowerCase().includes(wanted),
        )
      return { total: found.length, offset, items: found.slice(offset, offset + limit).map((one) => gallery.describe(one)) }
    },
    async star({ picture, starred }) {
      const now = await gallery.star(picture, starred)
      announcer.announce('gallery', { picture: now })
      return now
    },
    async remove({ pictures }) {
      const { undo, removed } = await gallery.remove(pictures)
      for (const picture of removed) announcer.announce('gallery', { picture, removed: true })
      return { undo }
    },
    async restore({ undo }) {
      for (const picture of await gallery.restore(undo)) announcer.announce('gallery', { picture })
    },
  }
}

export function jobHandlers({ queue, records, media, engine }: Parts): Handlers<'jobs'> {
  const describe = (one: Parameters<typeof describeJob>[0]) => describeJob(one, queue, media)
  const list = () => queue.list().map(describe)
  return {
    list,
    async get({ job }) {
      const { log, events, latest } = await records.tell(job)
      return { ...describe(queue.get(job)), log, events, latest }
    },
    async move({ job, before }) {
      await queue.move(job, before)
      return list()
    },
    pause: async ({ job }) => describe(await queue.pause(job)),
    resume: async ({ job }) => describe(await queue.resume(job)),
    cancel: async ({ job }) => describe(await queue.cancel(job)),
    clear: ({ job }) => queue.clear(job),
    hold({ held }) {
      if (held !== undefined) queue.hold(held)
      return { held: queue.held }
    },
    restartEngine: () => engine.kill(),
  }
}
