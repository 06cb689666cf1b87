// Checkpoints of a run that survive being killed at any moment: each is a folder that appears whole, by one rename, or not at all.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { because } from '../requests/reason.ts'
import { elementCount } from '../tensor/tensor.ts'
import { piecesOf, sourceOf, vectorBytes, vectorOver, vectorTypes, type Vector, type VectorSource } from '../tensor/vectors.ts'
import { writeAll } from './atomic.ts'
import { fileError } from './file-error.ts'
import { differences, toldDifference, type Difference } from './run-differences.ts'
import { openSafetensors, readPart, type SafetensorsEntry, type SafetensorsFile } from './safetensors.ts'
import { safetensorsPieces, type StreamedTensorToWrite } from './safetensors-write.ts'

/** Flat vectors by name: parameters, optimizer moments. Those that are read part by part are never in memory whole. */
export type RunVectors = Readonly<Record<string, Vector | VectorSource>>

/** Those of a checkpoint: read from its file when they are asked for. */
export type SavedVectors = Readonly<Record<string, VectorSource>>

export interface RunState<V = RunVectors> {
  readonly step: number
  readonly vectors: V
}

/** What decides the bits of a run, by name. */
export type RunFacts = Readonly<Record<string, string>>

const finished = /^step-(\d{8})$/
const keep = 2

/** Writes `step-NNNNNNNN/` in `folder` and removes all but the newest two. `identity` says which run it belongs to. */
export async function saveRun(folder: string, identity: RunFacts, { step, vectors }: RunState): Promise<string> {
  const path = join(folder, `step-${String(step).padStart(8, '0')}`)
  const draft = `${path}.tmp`
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true })
    const state = await writeSynced(join(draft, 'state.safetensors'), safetensorsPieces(Object.entries(vectors).map(tensorOf)))
    const manifest = { step, identity, files: { 'state.safetensors': state } }
    await writeSynced(join(draft, 'MANIFEST.json'), [Buffer.from(JSON.stringify(manifest))])
    await rm(path, { recursive: true, force: true })
    await rename(draft, path)
    await syncFolder(folder)
    await prune(folder)
  } catch (error) {
    // Half a checkpoint is of no use, and on a full disk it takes the room that is wanted.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined)
    throw fileError(error, path, 'write')
  }
  return path
}

/** A checkpoint that did not verify, and where it lies now. */
export interface DamagedCheckpoint {
  readonly name: string
  readonly movedTo: string
}

/**
 * The newest checkpoint that verifies, or undefined. One that does not is moved to `quarantine/`, never deleted, and told.
 * Throws `resume-mismatch` when the folder belongs to another run, with what differs; `changed`: what may differ, since the run itself changed it.
 */
export async function loadRun(
  folder: string,
  identity: RunFacts,
  onDamaged: (damaged: DamagedCheckpoint) => void = () => undefined,
  changed: ReadonlySet<string> = new Set(),
): Promise<RunState<SavedVectors> | undefined> {
  const names = await readdir(folder).catch(() => [] as string[])
  for (const name of names.filter((entry) => /\.(tmp|del)$/.test(entry))) await rm(join(folder, name), { recursive: true, force: true })
  for (const name of names
    .filter((entry) => finished.test(entry))
    .sort()
    .toReversed()) {
    const path = join(folder, name)
    const manifest = await verified(path)
    if (!manifest) {
      const movedTo = join(folder, 'quarantine', `${name}-${process.pid}`)
      await mkdir(join(folder, 'quarantine'), { recursive: true })
      await rename(path, movedTo)
      onDamaged({ name, movedTo })
      continue
    }
    const differs = differences(without(manifest.identity, changed), without(identity, changed))
    if (differs.length > 0) throw mismatch(folder, manifest.step, differs)
    const file = await openSafetensors(join(path, 'state.safetensors'))
    return { step: manifest.step, vectors: Object.fromEntries([...file.entries.keys()].map((name) => [name, savedVector(file, name)])) }
  }
  return undefined
}

function without<T extends RunFacts | string>(identity: T, names: ReadonlySet<string>): T | RunFacts {
  if (typeof identity === 'string') return identity
  return Object.fromEntries(Object.entries(identity).filter(([name]) => !names.has(name)))
}

interface Manifest {
  readonly step: number
  /** One hash of everything in checkpoints of older versions. */
  readonly identity: RunFacts | string
  readonly files: Readonly<Record<string, string>>
}

/** A person is shown where to look, not a list of ten thousand pictures. */
const mostTold = 8

function mismatch(folder: string, step: number, differs: readonly Difference[]): PigmentError {
  const which = differs.slice(0, mostTold).map(toldDifference)
  if (differs.length > mostTold) which.push(because('differs-more', 'and {count} more', { count: differs.length - mostTold }))
  const list = which.map(({ message }) => message).join('; ')
  return new PigmentError(
    'resume-mismatch',
    `The checkpoints in "${folder}" belong to another run. What differs: ${list}. Change it back to continue from step ${step}, use another output name, or remove that folder to start anew.`,
    { folder, step, differs, which },
  )
}

async function verified(path: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(path, 'MANIFEST.json'), 'utf8')) as Manifest
    for (const [name, hash] of Object.entries(manifest.files)) if ((await hashOf(join(path, name))) !== hash) return undefined
    return manifest
  } catch {
    return undefined // unreadable counts as not verified; it goes to quarantine
  }
}

/** Gives the SHA-256 of what it wrote, as hex digits. */
async function writeSynced(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  await using handle = await open(path, 'w')
  const hash = createHash('sha256')
  for await (const piece of pieces) {
    hash.update(piece)
    await writeAll(handle, piece)
  }
  await handle.sync()
  return hash.digest('hex')
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer)
  return hash.digest('hex')
}

function tensorOf([name, vector]: [string, Vector | VectorSource]): StreamedTensorToWrite {
  const source = sourceOf(vector)
  const bytes = ({ buffer, byteOffset, byteLength }: Vector): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of piecesOf(source)) yield bytes(piece)
  }
  return { name, dtype: source.type, shape: [source.length], pieces }
}

function savedVector(file: SafetensorsFile, name: string): VectorSource {
  const { dtype, shape } = file.entries.get(name) as SafetensorsEntry
  const type = vectorTypes.find((one) => one === dtype)
  if (!type) {
    const sentence = `"${file.path}": the vector "${name}" is stored as ${dtype}, where a run keeps ${vectorTypes.join(', ')}.`
    throw new PigmentError('safetensors-dtype', sentence, { path: file.path, name, dtype })
  }
  const size = vectorBytes(type)
  return {
    type,
    length: elementCount(shape),
    read: async (from, to) => vectorOver(type, await readPart(file, name, [from * size, to * size])),
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // a folder cannot be opened there; the rename itself is journaled
  await using handle = await open(path, 'r')
  await handle.sync()
}

/** Renames before deleting, so that a kill in between leaves no half-deleted folder under a finished name. */
async function prune(folder: string): Promise<void> {
  const steps = (await readdir(folder)).filter((name) => finished.test(name)).sort()
  for (const name of steps.slice(0, -keep)) {
    const doomed = join(folder, `${name}.del`)
    await rename(join(folder, name), doomed)
    await rm(doomed, { recursive: true, force: true })
  }
}
