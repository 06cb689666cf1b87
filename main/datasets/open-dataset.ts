// One data set in use: the folder as it is now, what is known of its pictures, and every change to it.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { idOf, type Found } from '../../engine/datasets/found.ts'
import type { FolderScan } from '../../engine/datasets/scan-folder.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import type { Trash } from '../stores/trash.ts'
import { restoreCaption, wholeFile, writeCaption } from './captions.ts'
import { both, type Difference } from './difference.ts'
import type { FactsIndex } from './facts.ts'
import { filesOf } from './files-of.ts'
import { FolderWatch } from '../stores/folder-watch.ts'
import type { CaptionChange, Change, History } from './history.ts'
import { SeenFolder } from './seen-folder.ts'
import { stampAt, takeBack } from './take-back.ts'

export interface OpenDatasetOptions {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly trash: Trash
  /** Milliseconds that the disk is waited for. */
  readonly wait?: number
  /** Told after every change, from here or from outside. */
  readonly changed: (items: Difference) => void
}

/** A folder that cannot be read is looked for again after as many milliseconds. */
const untilBack = 2000

export class OpenDataset {
  readonly root: string
  readonly facts: FactsIndex
  readonly history: History
  readonly #trash: Trash
  readonly #changed: OpenDatasetOptions['changed']
  readonly #seen: SeenFolder
  readonly #watch: FolderWatch
  #work: Promise<unknown> = Promise.resolve()

  private constructor({ root, facts, history, trash, changed, wait }: OpenDatasetOptions) {
    this.root = root
    this.facts = facts
    this.history = history
    this.#trash = trash
    this.#changed = changed
    this.#seen = new SeenFolder({ root, facts, wait, looked: () => this.#looked() })
    this.#watch = new FolderWatch({
      root,
      noticed: (folder, name) => this.#seen.notice(folder, name),
      broken: () => this.#seen.noticeAll(),
      look: () => this.#lookInTurn(),
    })
  }

  /** Opens also a folder that cannot be read now; `error` tells why, and it is looked for again. */
  static async open(options: OpenDatasetOptions): Promise<OpenDataset> {
    const opened = new OpenDataset(options)
    await opened.refresh()
    return opened
  }

  get found(): ReadonlyMap<string, Found> {
    return this.#seen.found
  }
  /** Another one: look at every picture again. The same: those of `patches` are all that changed since. */
  get generation(): number {
    return this.#seen.generation
  }
  get patches(): readonly string[] {
    return this.#seen.patches
  }
  get leftOut(): FolderScan['leftOut'] {
    return this.#seen.leftOut
  }
  get folders(): FolderScan['folders'] {
    return this.#seen.folders
  }
  get error(): ErrorRecord | undefined {
    return this.#seen.error
  }

  /** Throws `item-unknown`. */
  item(id: string): Found {
    return this.#seen.item(id)
  }

  /** Looks at the folder again and gives what is different. */
  refresh(): Promise<Difference | undefined> {
    return this.#seen.look()
  }

  /** `continues`: the person goes on writing, and undo takes all of it back at once. */
  async setCaption(id: string, caption: string, expected: string, continues = false, sent?: string): Promise<void> {
    return this.#alone(async () => {
      const one = this.item(id)
      const before = await wholeFile(one.sidecar)
      await writeCaption(one.sidecar, caption, expected, sent)
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
      const paths = filesOf(
        ids.map((id) => this.item(id)),
        this.found.values(),
      )
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
    let items: Difference = 'all'
    return this.#alone(
      () =>
        move((one) => {
          if (one.kind === 'captions') items = one.changes.map(({ path }) => idOf(path))
          return takeBack(one, { trash: this.#trash, rename: (from, to) => this.#rename(from, to) })
        }),
      () => items,
    )
  }

  close(): void {
    this.#watch.close()
  }

  async #rename(from: string, to: string): Promise<void> {
    await rename(join(this.root, from), join(this.root, to)).catch((error: unknown) => {
      throw fileError(error, join(this.root, from), 'write')
    })
    await this.facts.renamed(from, to)
  }

  /** One change after the other, and a look at what it changed. */
  #alone(change: () => Promise<unknown>, items: Difference | (() => Difference)): Promise<void> {
    const work = this.#work.then(async () => {
      try {
        await change()
      } finally {
        const own = typeof items === 'function' ? items() : items
        const others = own === 'all' ? await this.#seen.look() : await this.#seen.lookAt(own)
        this.#changed(both(own, others))
      }
    })
    this.#work = work.catch(() => undefined)
    return work
  }

  #looked(): void {
    if (!this.error) return void this.#watch.over(this.folders.map(({ path }) => path))
    this.#watch.forget()
    this.#watch.lookAfter(untilBack)
  }

  #lookInTurn(): void {
    this.#work = this.#work.then(async () => {
      const items = await this.#seen.lookAtNoticed()
      if (items === 'all' || (items && items.length > 0)) this.#changed(items)
    })
  }
}
