// One data set in use: the folder as it is now, what is known of its pictures, and every change to it.
import { watch, type FSWatcher } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { idOf, lookAgain, stampOf, type Found } from '../../engine/datasets/found.ts'
import { scanFolder, type FolderScan } from '../../engine/datasets/scan-folder.ts'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import type { Trash } from '../stores/trash.ts'
import { restoreCaption, wholeFile, writeCaption } from './captions.ts'
import type { FactsIndex } from './facts.ts'
import type { CaptionChange, Change, History } from './history.ts'
import { Noticed } from './noticed.ts'

export interface OpenDatasetOptions {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly trash: Trash
  /** Milliseconds that the disk is waited for. */
  readonly wait?: number
  /** Told after every change, from here or from outside; `'all'` where single pictures cannot be named. */
  readonly changed: (items: readonly string[] | 'all') => void
}

/** Outside changes come in bursts; one look for all of them, well within a second. */
const settle = 200
/** Above as many single pictures, a look at all of them tells as much. */
const mostSingle = 500
const empty: FolderScan = { found: new Map(), folders: [], leftOut: [] }

export class OpenDataset {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly #trash: Trash
  readonly #changed: OpenDatasetOptions['changed']
  readonly #wait: number | undefined
  #scan: FolderScan = empty
  #found = new Map<string, Found>()
  #generation = 0
  #patches: string[] = []
  #noticed = new Noticed([])
  #error: ErrorRecord | undefined
  #watchers: FSWatcher[] = []
  /** Which folders are watched, while they are. */
  #watched: string | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #work: Promise<unknown> = Promise.resolve()

  private constructor({ root, facts, history, trash, changed, wait }: OpenDatasetOptions) {
    this.#wait = wait
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
    return this.#found
  }
  /** Another one: look at every picture again. The same: those of `patches` are all that changed since. */
  get generation(): number {
    return this.#generation
  }
  get patches(): readonly string[] {
    return this.#patches
  }
  get leftOut(): FolderScan['leftOut'] {
    return this.#scan.leftOut
  }
  get folders(): FolderScan['folders'] {
    return this.#scan.folders
  }
  get error(): ErrorRecord | undefined {
    return this.#error
  }

  /** Throws `item-unknown`. */
  item(id: string): Found {
    const found = this.#found.get(id)
    if (found) return found
    throw new PigmentError('item-unknown', 'This picture is not in the data set any more. The list was brought up to date.', { item: id })
  }

  /** Looks at the folder again and gives what is different. */
  async refresh(): Promise<readonly string[] | 'all' | undefined> {
    try {
      const before = this.#found
      this.#noticed.give()
      const wasBroken = this.#error !== undefined
      this.#scan = await scanFolder(this.root, before, this.#wait)
      this.#found = new Map(this.#scan.found)
      const meanwhile = this.#noticed.give()
      this.#noticed = new Noticed(this.#found.values())
      // What came while it was looked at may have come too late for that.
      if (meanwhile?.length !== 0) this.#noticed.takeAll()
      this.#error = undefined
      const learnt = await this.facts.measure([...this.#found.values()]).catch(() => false)
      this.#anew()
      this.#watch()
      return wasBroken || learnt ? 'all' : difference(before, this.#found)
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

  /** Looks at single pictures again, and gives those that are different; at all of them where the folder is not what it was. */
  async #lookAgain(ids: readonly string[]): Promise<readonly string[] | 'all' | undefined> {
    if (this.#error || ids.length > mostSingle) return this.refresh()
    const changed: Found[] = []
    try {
      const whole = await answering(
        this.root,
        async (ask) => {
          for (const id of ids) {
            const before = this.#found.get(id)
            const now = before && (await lookAgain(before, ask))
            if (!now || isMoved(before, now)) return false
            if (!isSame(before, now)) changed.push(now)
          }
          return true
        },
        this.#wait,
      )
      if (!whole) return await this.refresh()
    } catch {
      return this.refresh()
    }
    for (const one of changed) {
      this.#found.set(one.id, one)
      this.#patches.push(one.id)
    }
    if (this.#patches.length > mostSingle) this.#anew()
    return (await this.facts.measure(changed).catch(() => false)) ? 'all' : changed.map(({ id }) => id)
  }

  #anew(): void {
    this.#generation++
    this.#patches = []
  }

  /** `continues`: the person goes on writing, and undo takes all of it back at once. */
  async setCaption(id: string, caption: string, expected: string, continues = false): Promise<void> {
    return this.#alone(async () => {
      const one = this.item(id)
      const before = await wholeFile(one.sidecar)
      await writeCaption(one.sidecar, caption, expected)
      const after = await wholeFile(one.sidecar)
      const changes = [{ path: one.path, sidecar: one.sidecar, before, after }]
      await this.history.record({ kind: 'captions', label: one.path, changes }, continues)
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
      const paths = this.#filesOf(ids)
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
    return this.#takenBack((apply) => this.history.undo(apply))
  }
  redo(): Promise<void> {
    return this.#takenBack((apply) => this.history.redo(apply))
  }

  #takenBack(move: (apply: (one: Change) => Promise<Change>) => Promise<boolean>): Promise<void> {
    let items: readonly string[] | 'all' = 'all'
    return this.#alone(
      () =>
        move((one) => {
          if (one.kind === 'captions') items = one.changes.map(({ path }) => idOf(path))
          return this.#takeBack(one)
        }),
      () => items,
    )
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

  /** Pictures with their captions, but not one that a picture which stays reads too. */
  #filesOf(ids: readonly string[]): string[] {
    const gone = ids.map((id) => this.item(id))
    const captions = gone.flatMap(({ root, folder, pair }) => (pair.caption === undefined ? [] : [join(root, folder, pair.caption)]))
    const kept = new Set<string>()
    if (gone.some(({ pair }) => pair.shared)) {
      const leaving = new Set(ids)
      for (const { id, root, folder, pair } of this.#found.values())
        if (!leaving.has(id) && pair.caption !== undefined) kept.add(join(root, folder, pair.caption))
    }
    const own = gone.flatMap(({ file, sidecar }) => [file, sidecar])
    return [...new Set([...own, ...captions.filter((file) => !kept.has(file))])]
  }

  async #rename(from: string, to: string): Promise<void> {
    await rename(join(this.root, from), join(this.root, to)).catch((error: unknown) => {
      throw fileError(error, join(this.root, from), 'write')
    })
    await this.facts.renamed(from, to)
  }

  /** One change after the other, and a look at what it changed. */
  #alone(change: () => Promise<unknown>, items: readonly string[] | 'all' | (() => readonly string[] | 'all')): Promise<void> {
    const work = this.#work.then(async () => {
      try {
        await change()
      } finally {
        const own = typeof items === 'function' ? items() : items
        const others = own === 'all' ? await this.refresh() : await this.#lookAgain(own)
        this.#changed(own === 'all' || others === 'all' ? 'all' : [...new Set([...own, ...(others ?? [])])])
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
        const at = join(this.root, folder)
        const watcher = watch(at, { persistent: false }, (_kind, name) => {
          if (this.#noticed.take(at, name)) this.#again(settle)
        })
        watcher.on('error', () => {
          this.#noticed.takeAll()
          this.#again(settle)
        })
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
        const ids = this.#noticed.give()
        const items = ids && !this.#error ? await this.#lookAgain(ids) : await this.refresh()
        if (items === 'all' || (items && items.length > 0)) this.#changed(items)
      })
    }, wait)
    this.#timer.unref()
  }
}

const stampAt = (file: string): Promise<string> => stat(file).then(stampOf, () => 'none')

/** The file that its caption came from is gone: another one may stand for it now. */
function isMoved(before: Found, now: Found): boolean {
  return before.version !== 'none' ? now.version === 'none' : before.pair.caption !== undefined && now.caption === ''
}

const isSame = (before: Found | undefined, now: Found): boolean =>
  before?.stamp === now.stamp &&
  before.version === now.version &&
  before.sidecar === now.sidecar &&
  before.caption === now.caption &&
  before.captionProblem?.message === now.captionProblem?.message

function difference(before: ReadonlyMap<string, Found>, now: ReadonlyMap<string, Found>): readonly string[] | 'all' {
  const changed: string[] = []
  for (const [id, one] of now) if (!isSame(before.get(id), one)) changed.push(id)
  for (const id of before.keys()) if (!now.has(id)) changed.push(id)
  return changed.length > mostSingle ? 'all' : changed
}
