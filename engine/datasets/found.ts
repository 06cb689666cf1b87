// One picture of a data set with its caption, as they lie on the disk now.
import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ask } from '../files/answering.ts'
import type { ErrorRecord } from '../requests/error.ts'
import type { Pair } from './pairs.ts'
import { readSidecar, type Sidecar } from './sidecar.ts'

/** A picture by its name, not yet looked at. */
export interface Placed {
  readonly root: string
  /** '' is the set's own. */
  readonly folder: string
  readonly repeats: number
  readonly pair: Pair
  /** What a list says of it, for where no file does. */
  readonly listed?: string
}

export interface Found extends Placed {
  readonly id: string
  /** Relative to the set, with `/`. */
  readonly path: string
  readonly file: string
  readonly bytes: number
  /** Size and date: another stamp is another picture. */
  readonly stamp: string
  /** Where a caption of its own is, or will be. */
  readonly sidecar: string
  readonly caption: string
  /** Of `sidecar`; `none` while there is no such file. */
  readonly version: string
  readonly captionProblem?: ErrorRecord
  /** The file that the caption was read from, and as what; none where that was too young to be told from the next one by its date. */
  readonly source?: { readonly file: string; readonly stamp: string }
}

/** Dates of files are as coarse as two seconds (FAT). */
const coarse = 3000

/** Looks at it now. Nothing where it is no file. */
export async function lookAt(placed: Placed, ask: Ask, known?: ReadonlyMap<string, Found>): Promise<Found | undefined> {
  const { root, folder, repeats, pair, listed } = placed
  const path = folder ? `${folder}/${pair.picture}` : pair.picture
  const file = join(root, folder, pair.picture)
  const facts = await ask(() => stat(file).catch(() => undefined))
  if (!facts?.isFile()) return undefined
  const id = idOf(path)
  const sidecar = join(root, folder, pair.own)
  const from = pair.caption === undefined ? undefined : join(root, folder, pair.caption)
  const { version, caption, problem, source } = from
    ? await captionAt(from, sidecar, ask, known?.get(id))
    : { version: 'none', caption: listed ?? '', problem: undefined, source: undefined }
  return {
    ...{ root, folder, repeats, pair, id, path, file, sidecar, caption, version },
    ...(listed === undefined ? {} : { listed }),
    bytes: facts.size,
    stamp: stampOf(facts),
    ...(problem ? { captionProblem: problem } : {}),
    ...(source ? { source } : {}),
  }
}

/** The same picture as it is now, its own caption file included that was not there before. */
export async function lookAgain(one: Found, ask: Ask): Promise<Found | undefined> {
  const { root, folder, pair } = one
  const written = await ask(() => stat(join(root, folder, pair.own)).catch(() => undefined))
  return lookAt(written ? { ...one, pair: { ...pair, caption: pair.own, shared: false } } : one, ask)
}

async function captionAt(
  from: string,
  sidecar: string,
  ask: Ask,
  before?: Found,
): Promise<Sidecar & { readonly source?: NonNullable<Found['source']> }> {
  const facts = await ask(() => stat(from).catch(() => undefined))
  const stamp = facts ? `${stampOf(facts)}-${Math.round(facts.ctimeMs)}-${facts.ino}` : ''
  if (before?.source?.file === from && before.source.stamp === stamp && before.sidecar === sidecar)
    return { version: before.version, caption: before.caption, source: before.source }
  const began = Date.now()
  const read = await ask(() => readSidecar(from))
  // What could not be read may be readable now.
  const settled = facts && !read.problem && facts.mtimeMs < began - coarse && facts.ctimeMs < began - coarse
  return { ...read, version: from === sidecar ? read.version : 'none', ...(settled ? { source: { file: from, stamp } } : {}) }
}

/** Of a file: another stamp is another content. */
export const stampOf = ({ size, mtimeMs }: Pick<Stats, 'size' | 'mtimeMs'>): string => `${size}-${Math.round(mtimeMs)}`

export const idOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 20)
