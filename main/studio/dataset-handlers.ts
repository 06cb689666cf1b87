// The methods of data sets.
import { rm } from 'node:fs/promises'
import { PigmentError } from '../../engine/requests/error.ts'
import type { CaptionChange, DatasetSummary, FilledDataset } from '../api/methods/datasets.ts'
import { captionEditor, type Edit } from '../operations/bulk-edit.ts'
import { allItems, describeLeftOut, filterItems, frequentTags, itemOf, sortItems } from '../datasets/describe.ts'
import { importPictures, type Imported } from '../datasets/import.ts'
import type { Handlers } from './handlers.ts'
import type { Parts } from './parts.ts'

const shownChanges = 200

export function datasetHandlers({ datasets, views, tasks, drops, tools, places, announcer }: Parts): Handlers<'datasets'> {
  const touched = async (id: string): Promise<DatasetSummary> => {
    await datasets.update(id, { changedAt: Date.now() })
    return views.summary(id)
  }

  const announced = async (id: string): Promise<DatasetSummary> => {
    const dataset = await views.summary(id)
    announcer.announce('datasets', { dataset, items: 'all' })
    return dataset
  }

  const changesOf = async (
    id: string,
    selection: Selection,
    edit: Edit,
  ): Promise<{ all: number; changes: (CaptionChange & { version: string })[] }> => {
    const seen = await views.of(id)
    const items = 'items' in selection ? selection.items.map((item) => itemOf(seen, item)) : filterItems(allItems(seen), selection.filter)
    const captions = items.map(({ caption }) => caption)
    // A regular expression of a person's own may run for ever: it does so in a process that can be ended.
    const after =
      edit.kind === 'replace' && edit.regex
        ? await tools.call('editCaptions', { captions, edit }, { patience }).catch(tooSlow)
        : captions.map(captionEditor(edit))
    const changes = items.flatMap(({ id: item, path, caption: before, version }, i) => {
      const now = after[i] ?? before
      return now === before ? [] : [{ item, path, before, after: now, version }]
    })
    return { all: items.length, changes }
  }

  return {
    list: async () => Promise.all(datasets.list().map(({ id }) => views.summary(id))),
    get: ({ dataset }) => views.summary(dataset),

    create: ({ name, from, mode, task }) =>
      tasks.run(task, async (running) => {
        if (from && 'path' in from && mode === 'reference') return announced((await datasets.add(name, from.path, false)).id)
        const folder = await datasets.newFolder(name)
        try {
          const brought = from && (await drops.lend(from, (paths) => importPictures(paths, folder, running, places.drops)))
          return filled(await announced((await datasets.add(name, folder, true)).id), brought)
        } catch (error) {
          await rm(folder, { recursive: true, force: true })
          throw error
        }
      }),

    addPictures: ({ dataset, from, task }) =>
      tasks.run(task, async (running) => {
        const set = await datasets.edit(dataset)
        const brought = await drops.lend(from, (paths) => importPictures(paths, set.root, running, places.drops))
        await set.refresh()
        await touched(dataset)
        return filled(await announced(dataset), brought)
      }),

    async update({ dataset, ...part }) {
      if (datasets.entry(dataset).sample) await datasets.edit(dataset)
      await datasets.update(dataset, { ...part, changedAt: Date.now() })
      return announced(dataset)
    },
    async setRepeats({ dataset, folder, repeats }) {
      await (await datasets.edit(dataset)).setRepeats(folder, repeats)
      return touched(dataset)
    },
    async remove({ dataset }) {
      const last = await views.summary(dataset)
      const undo = await datasets.remove(dataset)
      announcer.announce('datasets', { dataset: last, items: 'all', removed: true })
      return { undo }
    },
    async restore({ undo }) {
      return announced((await datasets.restore(undo)).id)
    },

    async items({ dataset, filter, sort, offset, limit }) {
      const items = sortItems(filterItems(allItems(await views.of(dataset)), filter), sort)
      return { total: items.length, offset, items: items.slice(offset, offset + limit) }
    },
    tags: async ({ dataset, prefix, limit }) => frequentTags(await views.of(dataset), prefix, limit),

    async setCaption({ dataset, item, caption, version, continues }) {
      const set = await datasets.edit(dataset)
      await set.setCaption(item, caption, version, continues)
      await datasets.update(dataset, { changedAt: Date.now() })
      return itemOf(await views.of(dataset), item)
    },
    async previewEdit({ dataset, selection, edit }) {
      const { all, changes } = await changesOf(dataset, selection, edit)
      const shown = changes.slice(0, shownChanges).map(({ item, path, before, after }) => ({ item, path, before, after }))
      return { changed: changes.length, unchanged: all - changes.length, changes: shown }
    },
    async applyEdit({ dataset, selection, edit }) {
      const set = await datasets.edit(dataset)
      const { changes } = await changesOf(dataset, selection, edit)
      if (changes.length > 0)
        await set.setCaptions(
          `${edit.kind} ×${changes.length}`,
          changes.map(({ item, after }) => ({ id: item, caption: after })),
        )
      return { changed: changes.length, dataset: await touched(dataset) }
    },
    async deleteItems({ dataset, items }) {
      await (await datasets.edit(dataset)).deletePictures(items, `delete ×${items.length}`)
      return touched(dataset)
    },
    async crop({ dataset, item, box }) {
      const set = await datasets.edit(dataset)
      const found = set.item(item)
      const known = set.facts.looked(found)
      await set.replacePicture(item, found.path, (path) => tools.call('crop', { path, box }))
      // Where it was known to be sharp and like no other, or not, that is found again for what is left of it.
      if (known) await set.facts.look([set.item(item)], () => undefined, new AbortController().signal)
      await touched(dataset)
      return itemOf(await views.of(dataset), item)
    },
    async undo({ dataset }) {
      await (await datasets.edit(dataset)).undo()
      return touched(dataset)
    },
    async redo({ dataset }) {
      await (await datasets.edit(dataset)).redo()
      return touched(dataset)
    },

    analyse: ({ dataset, task }) =>
      tasks.run(task, async ({ signal, progress }) => {
        const set = await datasets.use(dataset)
        await set.facts.look([...set.found.values()], (done, total) => progress(done, total, 'looking'), signal)
        const items = allItems(await views.of(dataset))
        const byGroup = Map.groupBy(
          items.filter(({ group }) => group !== undefined),
          ({ group }) => group,
        )
        announcer.announce('datasets', { dataset: await views.summary(dataset), items: 'all' })
        const flagged = (flag: 'blurred' | 'too-small'): string[] => items.filter(({ flags }) => flags.includes(flag)).map(({ id }) => id)
        return {
          groups: Array.from(byGroup.values(), (group) => group.map(({ id }) => id)),
          blurred: flagged('blurred'),
          small: flagged('too-small'),
        }
      }),
  }
}

type Selection = { items: string[] } | { filter: Parameters<typeof filterItems>[1] }

function filled(dataset: DatasetSummary, brought: Imported): FilledDataset
function filled(dataset: DatasetSummary, brought: Imported | undefined): DatasetSummary | FilledDataset
function filled(dataset: DatasetSummary, brought: Imported | undefined): DatasetSummary | FilledDataset {
  return brought ? { ...dataset, brought: { pictures: brought.pictures, leftOut: describeLeftOut(brought.leftOut) } } : dataset
}

const patience = 5000

const tooSlow = (error: unknown): never => {
  if (!(error instanceof PigmentError) || error.code !== 'worker-silent') throw error
  throw new PigmentError(
    'regex-too-slow',
    'This expression takes too long on these captions. Make it simpler, e.g. without nested repeats.',
    {},
    error,
  )
}
