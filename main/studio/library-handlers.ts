// The methods of the adapter library and of base models.
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import { isFolder } from '../../engine/requests/export.ts'
import type { AdapterCard, Exported } from '../api/methods/library.ts'
import { adaptersAt } from '../operations/adapter-files.ts'
import { safeName } from '../stores/safe-name.ts'
import type { Handlers } from './handlers.ts'
import type { Parts } from './parts.ts'

/** Gigabytes go to a slow disk and are read back. */
const longExport = { patience: 30 * 60_000 }

export function libraryHandlers({ library, drops, announcer, tools, places, settings, media, gallery }: Parts): Handlers<'library'> {
  const announce = (cards: readonly AdapterCard[], removed?: boolean): void => {
    for (const adapter of cards) announcer.announce('library', removed ? { adapter, removed } : { adapter })
  }
  const coverOf = (adapter: string, wanted: boolean): { cover?: string } => {
    const file = wanted ? library.entry(adapter).cover : undefined
    return file ? { cover: file } : {}
  }
  return {
    list: () => library.list(),
    get: ({ adapter }) => library.details(adapter),
    async import({ from }) {
      const added: AdapterCard[] = []
      const refused: { name: string; error: ErrorRecord }[] = []
      await drops.lend(from, async (paths) => {
        for (const path of await adaptersAt(paths))
          await library.import(path).then(
            (card) => void added.push(card),
            (error: unknown) => void refused.push({ name: basename(path), error: errorRecord(error) }),
          )
      })
      const [first] = refused
      if (added.length === 0 && refused.length === 1 && first)
        throw new PigmentError(first.error.code, first.error.message, { ...first.error.facts })
      announce(added)
      return { added, refused }
    },
    async update({ adapter, cover, ...part }) {
      const file = cover === undefined ? undefined : gallery.fileOf(gallery.get(cover).id)
      const card = await library.update(adapter, { ...part, ...(file ? { cover: file } : {}) })
      announce([card])
      return card
    },
    async exportPreview({ adapter, cover, ...rest }) {
      const told = await tools.call('previewExport', {
        file: library.path(adapter),
        ...rest,
        ...coverOf(adapter, cover),
      })
      return { ...told, folder: settings.value.exportFolder ?? places.exports }
    },
    async export({ adapter, to, precision, folder, fileName, cover, ...said }) {
      const file = library.path(adapter)
      const into = folder ?? settings.value.exportFolder ?? places.exports
      const name = safeName(fileName ?? library.nameOf(adapter)).replace(/\.safetensors$/i, '')
      const out = await freeOut(into, name, isFolder(to) ? '' : '.safetensors')
      const made = await tools.call(
        'exportAdapter',
        { file, to, out, ...said, ...coverOf(adapter, cover), ...(precision ? { precision } : {}) },
        longExport,
      )
      const names = made.files.map((path) => media.ofFile(path, Date.now(), 'file'))
      return { files: made.files, bytes: made.sizeBytes, media: names, readBack: made.readBack } satisfies Exported
    },
    async remove({ adapters }) {
      const { undo, removed } = await library.remove(adapters)
      announce(removed, true)
      return { undo }
    },
    async restore({ undo }) {
      const back = await library.restore(undo)
      announce(back)
      return back
    },
  }
}

/** Never over what is there. */
async function freeOut(folder: string, name: string, ending: string): Promise<string> {
  for (let i = 1; ; i++) {
    const path = join(folder, `${name}${i === 1 ? '' : ` ${i}`}${ending}`)
    if (!(await stat(path).catch(() => undefined))) return path
  }
}

export function modelHandlers({ models, announcer }: Parts): Handlers<'models'> {
  return {
    list: () => models.list(),
    inspect: ({ path }) => models.inspect(path),
    async add({ path }) {
      const card = await models.add(path)
      announcer.announce('models', { id: card.id })
      return card
    },
    async remove({ model }) {
      await models.remove(model)
      announcer.announce('models', { id: model, removed: true })
    },
  }
}
