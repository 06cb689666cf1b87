// One call on a worker: its files are fetched, its operation is done in a folder of its own, its checkpoints are sent as they are written.
import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { QueueAddress } from '../redis/address.ts'
import { CheckpointSender } from './checkpoint-sender.ts'
import { inputName, ownName, type ContentStore } from './content-store.ts'
import type { HeldCall } from './held-call.ts'
import type { CallMachinery, CallResult, Ledger, Taken } from './ledger.ts'
import { markOutputs, outputsIn, unpack } from './parcel.ts'
import { fetchTree, sendTree, treeAt, type Tree } from './tree.ts'

export interface RunOptions {
  readonly signal: AbortSignal
  readonly onEvent: (event: unknown) => void
  /** Hears what is said to the operation while it runs. */
  readonly onWord: (hear: (word: string) => void) => void
}
/** Does an operation by its name. */
export type RunOperation = (operation: string, task: unknown, options: RunOptions) => Promise<unknown>

export interface WorkPlace {
  /** Of the queue: where those meet who train together. */
  readonly address: QueueAddress
  readonly ledger: Ledger
  readonly store: ContentStore
  /** Inputs stay here for the next call; what a call makes goes with it. */
  readonly folder: string
  readonly run: RunOperation
  readonly machinery: CallMachinery
}

/** A told event, with the files that it names. */
export interface ToldEvent {
  readonly event: unknown
  readonly files?: Tree
}

const ofRun = /\.run(\/|$)/

/** Throws what the operation throws. */
export async function workOnCall({ call, checkpoint, machinery: first }: Taken, place: WorkPlace, held: HeldCall): Promise<CallResult> {
  const { ledger, store, folder, run, machinery: own } = place
  const home = join(folder, 'calls', `${held.id}-${held.fence}`)
  const nameOf = (hash: string): string => ownName(held.id, hash)
  try {
    await mkdir(home, { recursive: true })
    const inputs: string[] = []
    for (const tree of call.inputs) {
      const path = join(folder, 'inputs', keyOf(tree), basename(tree.name))
      await fetchTree(store, path, tree, inputName)
      inputs.push(path)
    }
    // The threads of its first worker, so that another goes on to the same bytes; a device of another kind begins anew.
    const same = first?.provider === own.provider
    const on = same ? first : own
    if (!same) await ledger.note(held.id, held.fence, 'machinery', own)
    const before = same ? checkpoint : undefined
    if (before) await fetchTree(store, join(home, before.folder), before.tree, nameOf)

    const checkpoints = new CheckpointSender({ ledger, store, held, home, before })
    const task = meeting(withMachinery(unpack(call.task, inputs, home), on), place.address)
    let telling = Promise.resolve()
    const told = async (event: unknown): Promise<void> => held.tell(await withFiles(event, { store, home, nameOf }))
    try {
      const value = await run(call.operation, task, {
        signal: held.signal,
        onWord: (hear) => held.onWord(hear),
        onEvent(event) {
          const { type, path } = event as { readonly type?: unknown; readonly path?: unknown }
          if (type === 'checkpoint' && typeof path === 'string') checkpoints.send(path)
          telling = telling.then(() => told(event)).catch(() => undefined)
        },
      })
      await checkpoints.done()
      const all = await treeAt(home, '')
      const outputs = { ...all, files: all.files.filter((file) => !ofRun.test(file.place)) }
      await sendTree(store, home, outputs, nameOf)
      return { value: markOutputs(value, home), outputs }
    } catch (error) {
      if (!held.lost) await checkpoints.sendLast()
      throw error
    } finally {
      await telling
      await held.flush()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

interface Home {
  readonly store: ContentStore
  readonly home: string
  readonly nameOf: (hash: string) => string
}

/** What an event names is in the store before it is told. */
async function withFiles(event: unknown, { store, home, nameOf }: Home): Promise<ToldEvent> {
  const marked = markOutputs(event, home)
  const files: Tree['files'][number][] = []
  for (const place of outputsIn(marked).filter((one) => !ofRun.test(one))) {
    const found = await treeAt(join(home, place), place).catch(() => undefined)
    if (!found || found.files.some((file) => file.place !== '')) continue
    await sendTree(store, join(home, place), found, nameOf)
    files.push(...found.files.map((file) => ({ ...file, place })))
  }
  return files.length > 0 ? { event: marked, files: { name: '', files } } : { event: marked }
}

/** Of what lies in it: two calls on the same pictures fetch them once. */
const keyOf = (tree: Tree): string => createHash('sha256').update(JSON.stringify(tree)).digest('hex').slice(0, 24)

/** In a task, or in the race that it is part of. */
function withMachinery(task: unknown, { provider, threads: usual }: CallMachinery): unknown {
  const on = (given: object): object => {
    const { threads = 0 } = given as { readonly threads?: number }
    return { ...given, device: { provider, skipped: [] }, threads: threads > 0 ? threads : usual }
  }
  if (task === null || typeof task !== 'object') return task
  const { race } = task as { readonly race?: object }
  return race ? { ...task, race: on(race) } : on(task)
}

function meeting(task: unknown, address: QueueAddress): unknown {
  const { together } = (task ?? {}) as { readonly together?: object }
  return together ? { ...(task as object), together: { ...together, address } } : task
}
