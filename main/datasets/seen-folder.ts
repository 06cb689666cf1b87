// A folder of pictures as it was when it was last looked at: all of it, or single pictures of it.
import { lookAgain, type Found } from '../../engine/datasets/found.ts'
import { scanFolder, type FolderScan } from '../../engine/datasets/scan-folder.ts'
import { answering } from '../../engine/files/answering.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import { difference, isMoved, isSame, mostSingle, type Difference } from './difference.ts'
import type { FactsIndex } from './facts.ts'
import { Noticed } from './noticed.ts'

export interface SeenFolderOptions {
  readonly root: string
  readonly facts: FactsIndex
  /** Milliseconds that the disk is waited for. */
  readonly wait: number | undefined
  /** Told after every look at all of it, whether it could be read or not. */
  readonly looked: () => void
}

const empty: FolderScan = { found: new Map(), folders: [], leftOut: [] }

export class SeenFolder {
  readonly #options: SeenFolderOptions
  #scan: FolderScan = empty
  #found = new Map<string, Found>()
  #generation = 0
  #patches: string[] = []
  #noticed = new Noticed([])
  #error: ErrorRecord | undefined

  constructor(options: SeenFolderOptions) {
    this.#options = options
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
  /** Why it cannot be read now. */
  get error(): ErrorRecord | undefined {
    return this.#error
  }

  /** Throws `item-unknown`. */
  item(id: string): Found {
    const found = this.#found.get(id)
    if (found) return found
    throw new PigmentError('item-unknown', 'This picture is not in the data set any more. The list was brought up to date.', { item: id })
  }

  /** Takes what a watcher saw; whether something is to be looked at. */
  notice(folder: string, name: string | null): boolean {
    return this.#noticed.take(folder, name)
  }
  noticeAll(): void {
    this.#noticed.takeAll()
  }

  /** Looks at all of it and gives what is different. */
  async look(): Promise<Difference | undefined> {
    const news = await this.#lookAtAll()
    this.#options.looked()
    return news
  }

  async #lookAtAll(): Promise<Difference | undefined> {
    const { root, facts, wait } = this.#options
    try {
      const before = this.#found
      this.#noticed.give()
      const wasBroken = this.#error !== undefined
      this.#scan = await scanFolder(root, before, wait)
      this.#found = new Map(this.#scan.found)
      const meanwhile = this.#noticed.give()
      this.#noticed = new Noticed(this.#found.values())
      // What came while it was looked at may have come too late for that.
      if (meanwhile?.length !== 0) this.#noticed.takeAll()
      this.#error = undefined
      const learnt = await facts.measure([...this.#found.values()]).catch(() => false)
      this.#anew()
      return wasBroken || learnt ? 'all' : difference(before, this.#found)
    } catch (error) {
      const record = errorRecord(error)
      const news = this.#error?.code !== record.code
      this.#error = record
      return news ? 'all' : undefined
    }
  }

  /** Looks at what was noticed since the last time. */
  lookAtNoticed(): Promise<Difference | undefined> {
    const ids = this.#noticed.give()
    return ids && !this.#error ? this.lookAt(ids) : this.look()
  }

  /** Looks at single pictures again, and gives those that are different; at all of them where the folder is not what it was. */
  async lookAt(ids: readonly string[]): Promise<Difference | undefined> {
    if (this.#error || ids.length > mostSingle) return this.look()
    const { root, facts, wait } = this.#options
    const changed: Found[] = []
    try {
      const whole = await answering(
        root,
        async (ask) => {
          for (const id of ids) {
            const before = this.#found.get(id)
            const now = before && (await lookAgain(before, ask))
            if (!now || isMoved(before, now)) return false
            if (!isSame(before, now)) changed.push(now)
          }
          return true
        },
        wait,
      )
      if (!whole) return await this.look()
    } catch {
      return this.look()
    }
    for (const one of changed) {
      this.#found.set(one.id, one)
      this.#patches.push(one.id)
    }
    if (this.#patches.length > mostSingle) this.#anew()
    return (await facts.measure(changed).catch(() => false)) ? 'all' : changed.map(({ id }) => id)
  }

  #anew(): void {
    this.#generation++
    this.#patches = []
  }
}
