// Checkpoints of a run that survive being killed at any moment: each is a folder that appears whole, by one rename, or not at all.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { fromFloat32 } from '../tensor/dtype.ts'
import { fileError } from './file-error.ts'
import { differences, toldDifference, type Difference } from './run-differences.ts'
import { openSafetensors, readTensor } from './safetensors.ts'
import { serializeSafetensors } from './safetensors-write.ts'

export interface RunState {
  readonly step: number
  /** Flat vectors by name: parameters, optimizer moments. */
  readonly vectors: Readonly<Record<string, Float32Array>>
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
    const tensors = Object.entries(vectors).map(([name, data]) => ({
      name,
      dtype: 'F32' as const,
      shape: [data.length],
      data: fromFloat32(data, 'float32'),
    }))
    const state = serializeSafetensors(tensors)
    const manifest = { step, identity, files: { 'state.safetensors': createHash('sha256').update(state).digest('hex') } }
    await writeSynced(join(draft, 'state.safetensors'), state)
    await writeSynced(join(draft, 'MANIFEST.json'), JSON.stringify(manifest))
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
 * Throws `resume-mismatch` when the folder belongs to another run, with what differs.
 */
export async function loadRun(
  folder: string,
  identity: RunFacts,
  onDamaged: (damaged: DamagedCheckpoint) => void = () => undefined,
): Promise<RunState | undefined> {
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
    const differs = differences(manifest.identity, identity)
    if (differs.length > 0) throw mismatch(folder, manifest.step, differs)
    const file = await openSafetensors(join(path, 'state.safetensors'))
    const vectors: Record<string, Float32Array> = {}
    for (const vector of file.entries.keys()) vectors[vector] = (await readTensor(file, vector)).data
    return { step: manifest.step, vectors }
  }
  return undefined
}

interface Manifest {
  readonly step: number
  /** One hash of everything in checkpoints of older versions. */
  readonly identity: RunFacts | string
  readonly files: Readonly<Record<string, string>>
}

function mismatch(folder: string, step: number, differs: readonly Difference[]): PigmentError {
  const which = differs.map(toldDifference)
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
    for (const [name, hash] of Object.entries(manifest.files))
      if (
        createHash('sha256')
          .update(await readFile(join(path, name)))
          .digest('hex') !== hash
      )
        return undefined
    return manifest
  } catch {
    return undefined // unreadable counts as not verified; it goes to quarantine
  }
}

async function writeSynced(path: string, data: Uint8Array | string): Promise<void> {
  await using handle = await open(path, 'w')
  await handle.writeFile(data)
  await handle.sync()
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
