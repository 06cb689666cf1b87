// Checkpoints of a call on their way to the store: the newest is always there, whole, before anybody is told of it.
import { readdir } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { ownName, type ContentStore } from './content-store.ts'
import type { HeldCall } from './held-call.ts'
import type { KeptCheckpoint, Ledger } from './ledger.ts'
import { sendTree, treeAt } from './tree.ts'

interface SenderOptions {
  readonly ledger: Ledger
  readonly store: ContentStore
  readonly held: HeldCall
  readonly home: string
  readonly before: KeptCheckpoint | undefined
}

const finished = /^step-(\d+)$/

export class CheckpointSender {
  readonly #options: SenderOptions
  #newest: string | undefined
  #sent: KeptCheckpoint | undefined
  #sending: Promise<void> = Promise.resolve()

  constructor(options: SenderOptions) {
    this.#options = options
    this.#sent = options.before
  }

  /** Of those that come while one is sent, only the newest is. */
  send(path: string): void {
    this.#newest = path
    this.#sending = this.#sending.then(() => this.#next()).catch(() => undefined)
  }

  /** What a stop leaves is told by no event: looks for it below the folder of the call. */
  async sendLast(): Promise<void> {
    const found = (await readdir(this.#options.home, { recursive: true })).filter(
      (path) => finished.test(basename(path)) && /\.run[\\/]/.test(path),
    )
    const last = found.toSorted((a, b) => stepOf(a) - stepOf(b)).at(-1)
    if (last !== undefined) this.send(join(this.#options.home, last))
    await this.#sending
  }

  done(): Promise<void> {
    return this.#sending
  }

  async #next(): Promise<void> {
    const { ledger, store, held, home } = this.#options
    const path = this.#newest
    this.#newest = undefined
    if (path === undefined || this.#sent?.step === stepOf(path)) return
    // One that is pruned meanwhile has a newer one behind it.
    const tree = await treeAt(path, basename(path)).catch(() => undefined)
    if (!tree) return
    const name = (hash: string): string => ownName(held.id, hash)
    await sendTree(store, path, tree, name)
    const now: KeptCheckpoint = { step: stepOf(path), folder: relative(home, path).split(sep).join('/'), tree }
    if (!(await ledger.note(held.id, held.fence, 'checkpoint', now))) return
    const kept = new Set(tree.files.map(({ hash }) => hash))
    for (const { hash } of this.#sent?.tree.files ?? []) if (!kept.has(hash)) await store.remove(name(hash)).catch(() => undefined)
    this.#sent = now
  }
}

const stepOf = (path: string): number => Number(finished.exec(basename(path))?.[1] ?? NaN)
