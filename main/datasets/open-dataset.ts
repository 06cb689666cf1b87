// One data set in use: the folder as it is now, what is known of its pictures, and every change to it.
import { watch, type FSWatcher } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/spec/error.ts'
import type { Trash } from '../stores/trash.ts'
import { restoreCaption, wholeFile, writeCaption } from './captions.ts'
import type { FactsIndex } from './facts.ts'
import type { CaptionChange, Change, History } from './history.ts'
import { scanFolder, stampOf, type FolderScan, type Found } from './scan.ts'

export interface OpenDatasetOptions {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly trash: Trash
  /** Told after every change, from here or from outside; `'all'` where single pictures cannot be named. */
  readonly changed: (items: readonly string[] | 'all') => void
}

/** Outside changes come in bursts; one look for all of them, well within a second. */
const settle = 200
const empty: FolderScan = { found: new Map(), folders: [] }

export class OpenDataset {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly #trash: Trash
  readonly #changed: OpenDatasetOptions['changed']
  #scan: FolderScan = empty
  #error: ErrorRecord | undefined
  #watchers: FSWatcher[] = []
  /** Which folders are watched, while they are. */
  #watched: string | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #work: Promise<unknown> = Promise.resolve()

  private constructor({ root, facts, history, trash, changed }: OpenDatasetOptions) {
    this.root = root
    this.facts = facts
    this.history = history
    this.#trash = trash
    this.#changed = changed
  }

  /** Opens also a folder that cannot be read now; `error` tells why, and it is looked for again. */
  static async open(options: OpenDatasetOptions): Promise<OpenDataset> {
    const opened = new OpenDataset(options)
    await opened.refresh()
    return opened
  }

  get found(): ReadonlyMap<string, Found> {
    return this.#scan.found
  }
  get folders(): FolderScan['folders'] {
    return this.#scan.folders
  }
  get error(): ErrorRecord | undefined {
    return this.#error
  }

  /** Throws `item-unknown`. */
  item(id: string): Found {
    const found = this.#scan.found.get(id)
    if (found) return found
    throw new PigmentError('item-unknown', 'This picture is not in the data set any more. The list was brought up to date.', { item: id })
  }

  /** Looks at the folder again and gives what is different. */
  async refresh(): Promise<readonly string[] | 'all' | undefined> {
    try {
      const before = this.#scan
      const wasBroken = this.#error !== undefined
      this.#scan = await scanFolder(this.root, before.found)
      this.#error = undefined
      const learnt = await this.facts.measure([...this.#scan.found.values()]).catch(() => false)
      this.#watch()
      return wasBroken || learnt ? 'all' : difference(before, this.#scan)
    } catch (error) {
      const record = errorRecord(error)
      const news = this.#error?.code !== record.code
      // What was watched may be another folder when it comes back.
      this.#watched = undefined
      this.#error = record
      this.#again(2000)
      return news ? 'all' : undefined
    }
  }

  async setCaption(id: string, caption: string, expected: string): Promise<void> {
    return this.#alone(async () => {
      const one = this.item(id)
      const before = await wholeFile(one.sidecar)
      await writeCaption(one.sidecar, caption, expected)
      const after = await wholeFile(one.sidecar)
      await this.history.record({ kind: 'captions', label: one.path, changes: [{ path: one.path, sidecar: one.sidecar, before, after }] })
    }, [id])
  }

  /** Writes many captions; stops at the first that fails and takes back those written before. */
  async setCaptions(label: string, captions: readonly { readonly id: string; readonly caption: string }[]): Promise<void> {
    return this.#alone(
      async () => {
        const changes: CaptionChange[] = []
        try {
          for (const { id, caption } of captions) {
            const { path, sidecar, version } = this.item(id)
            const before = await wholeFile(sidecar)
            await writeCaption(sidecar, caption, version)
            changes.push({ path, sidecar, before, after: await wholeFile(sidecar) })
          }
          await this.history.record({ kind: 'captions', label, changes })
        } catch (error) {
          for (const { sidecar, before } of changes.reverse()) await restoreCaption(sidecar, before).catch(() => undefined)
          throw error
        }
      },
      captions.map(({ id }) => id),
    )
  }

  async deletePictures(ids: readonly string[], label: string): Promise<void> {
    return this.#alone(async () => {
      const paths = ids.flatMap((id) => {
        const { file, sidecar } = this.item(id)
        return [file, sidecar]
      })
      const trash = await this.#trash.move('pictures', paths)
      await this.history.record({ kind: 'delete', label, paths, trash })
    }, 'all')
  }

  /** Lets `write` write over a picture; the one before it stays in the trash. */
  async replacePicture(id: string, label: string, write: (file: string) => Promise<unknown>): Promise<void> {
    return this.#alone(async () => {
      const { path, file } = this.item(id)
      const trash = await this.#trash.keep('pictures', [file])
      await write(file)
      await this.history.record({ kind: 'replace', label, path, file, trash, stamp: await stampAt(file) })
    }, [id])
  }

  /** Kohya's repeats are the name of the folder. */
  async setRepeats(folder: string, repeats: number): Promise<void> {
    return this.#alone(async () => {
      const known = this.folders.find(({ path }) => path === folder)
      if (!known || folder === '') throw new PigmentError('folder-unknown', 'Only folders inside the data set have repeats.', { folder })
      const to = /^\d+_/.test(folder) ? folder.replace(/^\d+/, String(repeats)) : `${repeats}_${folder}`
      if (to === folder) return
      if (this.folders.some(({ path }) => path === to))
        throw new PigmentError('name-taken', `There is a folder "${to}" already.`, { folder: to })
      await this.#rename(folder, to)
      await this.history.record({ kind: 'rename', label: `${folder} → ${to}`, from: folder, to })
    }, 'all')
  }

  undo(): Promise<void> {
    return this.#alone(() => this.history.undo((one) => this.#takeBack(one)), 'all')
  }
  redo(): Promise<void> {
    return this.#alone(() => this.history.redo((one) => this.#takeBack(one)), 'all')
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }

  /** Does the opposite of a change and gives the change that would do it again. */
  async #takeBack(one: Change): Promise<Change> {
    if (one.kind === 'rename') {
      await this.#rename(one.to, one.from)
      return { ...one, from: one.to, to: one.from }
    }
    if (one.kind === 'delete') {
      if (one.trash === '') return { ...one, trash: await this.#trash.move('pictures', one.paths) }
      await this.#trash.restore(one.trash, 'pictures')
      return { ...one, trash: '' }
    }
    if (one.kind === 'replace') {
      if ((await stampAt(one.file)) !== one.stamp)
        throw new PigmentError('undo-conflict', `The picture "${one.path}" was changed elsewhere since. Nothing was taken back.`, {
          path: one.path,
        })
      const trash = await this.#trash.keep('pictures', [one.file])
      await this.#trash.putBack(one.trash, 'pictures')
      return { ...one, trash, stamp: await stampAt(one.file) }
    }
    for (const { path, sidecar, after } of one.changes)
      if ((await wholeFile(sidecar)) !== after)
        throw new PigmentError('undo-conflict', `The caption of "${path}" was changed elsewhere since. Nothing was taken back.`, { path })
    for (const { sidecar, before } of one.changes) await restoreCaption(sidecar, before)
    return { ...one, changes: one.changes.map((change) => ({ ...change, before: change.after, after: change.before })) }
  }

  async #rename(from: string, to: string): Promise<void> {
    await rename(join(this.root, from), join(this.root, to)).catch((error: unknown) => {
      throw fileError(error, join(this.root, from), 'write')
    })
    await this.facts.renamed(from, to)
  }

  /** One change after the other; what else happened on disk is told with it. */
  #alone(change: () => Promise<unknown>, items: readonly string[] | 'all'): Promise<void> {
    const work = this.#work.then(async () => {
      try {
        await change()
      } finally {
        const others = await this.refresh()
        this.#changed(items === 'all' || others === 'all' ? 'all' : [...new Set([...items, ...(others ?? [])])])
      }
    })
    this.#work = work.catch(() => undefined)
    return work
  }

  #watch(): void {
    const wanted = ['', ...this.folders.flatMap(({ path }) => (path ? [path] : []))]
    if (this.#closed || this.#watched === wanted.join('/')) return
    this.#watched = wanted.join('/')
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = wanted.flatMap((folder) => {
      try {
        const watcher = watch(join(this.root, folder), { persistent: false }, () => this.#again(settle))
        watcher.on('error', () => this.#again(settle))
        return [watcher]
      } catch {
        return []
      }
    })
  }

  #again(wait: number): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(async () => {
        const items = await this.refresh()
        if (items === 'all' || (items && items.length > 0)) this.#changed(items)
      })
    }, wait)
    this.#timer.unref()
  }
}

const stampAt = (file: string): Promise<string> => stat(file).then(stampOf, () => 'none')

function difference(before: FolderScan, now: FolderScan): readonly string[] | 'all' {
  const changed: string[] = []
  for (const [id, one] of now.found) {
    const known = before.found.get(id)
    const same = known?.stamp === one.stamp && known.version === one.version && known.sidecar === one.sidecar
    if (!same || known.captionProblem?.message !== one.captionProblem?.message) changed.push(id)
  }
  for (const id of before.found.keys()) if (!now.found.has(id)) changed.push(id)
  return changed.length > 500 ? 'all' : changed
}
