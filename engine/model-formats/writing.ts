// What the writing of every merged model has in common: room on the disk, a stop at any time, and how far it has come.
import { mkdir, realpath, stat, statfs } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { adaptedNetworks, unetNetwork } from '../adapter-formats/base-networks.ts'
import type { StackEntry } from '../adapters/stack.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { fileError } from '../files/file-error.ts'
import type { StreamedTensorToWrite } from '../files/safetensors-write.ts'
import { byteSize } from '../requests/byte-size.ts'
import { PigmentError } from '../requests/error.ts'
import { changedWeights, type ChangedWeight } from './merged-weight.ts'
import type { MergeOptions } from './model-format.ts'

/** What stays free on a disk: one that is full to the brim stops other programs. */
const reserve = 64 * 2 ** 20

/** Everything that a stack changes of a model, or of its UNet alone. Throws `bake-nothing`, `bake-no-bias`. */
export function changesOf(checkpoint: Checkpoint, stack: readonly StackEntry[], { unetAlone = false } = {}): ChangedWeight[] {
  const networks = unetAlone ? [unetNetwork(checkpoint)] : adaptedNetworks(checkpoint)
  const changes = networks.flatMap((network) => [...changedWeights(network, stack).values()])
  if (changes.length > 0) return changes
  throw new PigmentError(
    'bake-nothing',
    'Nothing would be merged: no adapter is given, or all are off or of strength 0. Name at least one with a strength that is not 0.',
    { adapters: stack.map(({ adapter }) => adapter.name) },
  )
}

/** Makes the folder that `out` stands in, and asks for the room. Throws `bake-over-base`, `disk-full`, `not-writable` and the like. */
export async function prepared({ path }: Checkpoint, out: string, bytes: number): Promise<string> {
  const target = resolve(out)
  const inside = relative(await realpath(path), await realpath(target).catch(() => target))
  if (inside === '' || !(inside.startsWith('..') || isAbsolute(inside)))
    throw new PigmentError('bake-over-base', `"${out}" is the base model itself, or lies in it. Choose another place for the merged one.`, {
      path: out,
      base: path,
    })
  const folder = dirname(target)
  try {
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    if (bytes > free - reserve)
      throw new PigmentError(
        'disk-full',
        `The merged model needs ${byteSize(bytes)}, and the disk of "${folder}" has ${byteSize(free)}, of which ${byteSize(reserve)} stay free. Free some space, or choose another disk.`,
        { needed: bytes, free, reserve, path: folder },
      )
  } catch (error) {
    throw fileError(error, target, 'write')
  }
  return target
}

/** Throws `bake-exists`. */
export async function nothingThere(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined)
  if (found) throw new PigmentError('bake-exists', `"${out}" is there already. Choose another name.`, { path: out })
}

export class Progress {
  readonly #options: MergeOptions
  readonly #total: number
  #done = 0
  constructor(options: MergeOptions, total: number) {
    this.#options = options
    this.#total = total
  }

  /** Throws `cancelled`. */
  passed(bytes: number): void {
    this.#done += bytes
    if (this.#options.signal?.aborted)
      throw new PigmentError('cancelled', `Stopped after ${byteSize(this.#done)} of ${byteSize(this.#total)}; nothing was kept.`, {})
    this.#options.onProgress?.(this.#done, this.#total)
  }

  /** The same tensors, watched as they pass. */
  of(tensors: readonly StreamedTensorToWrite[]): StreamedTensorToWrite[] {
    const passed = (bytes: number): void => this.passed(bytes)
    return tensors.map((tensor) => ({
      ...tensor,
      async *pieces() {
        for await (const piece of tensor.pieces()) {
          passed(piece.byteLength)
          yield piece
        }
      },
    }))
  }
}
