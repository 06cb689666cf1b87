// Where a training run keeps its checkpoints: beside its result, so that the same command finds them again.
import { readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { noRungs, type TakenRungs } from '../../engine/memory-rungs.ts'
import { prepareFolder } from './output-file.ts'

const startedFile = 'started.json'
/** What a run that was stopped has learnt so far. */
const stoppedFile = 'adapter.safetensors'
/** What the run does with less memory: one that went down the ladder goes on there, whoever starts it again. */
const rungsFile = 'rungs.json'

/** `style.safetensors` → `style.run/`. */
export function runFolderOf(out: string): string {
  return join(dirname(out), `${basename(out).replace(/\.safetensors$/i, '')}.run`)
}

/** Makes the folder and gives the time when the run began, in Unix seconds: that of its first start, also when it is resumed. */
export async function beginRun(folder: string, now: number): Promise<number> {
  await prepareFolder(folder)
  const path = join(folder, startedFile)
  const known = await readFile(path, 'utf8').then(
    (text) => Number(/"startedAt":(\d+)/.exec(text)?.[1] ?? NaN),
    () => NaN,
  )
  if (Number.isSafeInteger(known) && (await hasCheckpoints(folder))) return known
  await writeFileAtomic(path, new TextEncoder().encode(JSON.stringify({ startedAt: now })))
  return now
}

/** Leaves nothing behind where a run failed before its first checkpoint; `end` takes away what others keep in the folder. */
export async function abandonRun(folder: string, end: () => Promise<void>): Promise<void> {
  if (await hasCheckpoints(folder)) return
  await end()
  await endRun(folder)
}

async function hasCheckpoints(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => name.startsWith('step-'))
}

/** Removes the checkpoints of a run whose result is written. What was set aside as damaged stays, and so does the folder then. */
export async function endRun(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name === startedFile || name === rungsFile || name === stoppedFile || name.startsWith('step-'))
      await rm(join(folder, name), { recursive: true, force: true })
  await rmdir(folder).catch(() => undefined)
}

export async function rungsOf(folder: string): Promise<TakenRungs> {
  const text = await readFile(join(folder, rungsFile), 'utf8').catch(() => '')
  try {
    return { ...noRungs, ...(JSON.parse(text) as Partial<TakenRungs>) }
  } catch {
    return noRungs
  }
}

export async function keepRungs(folder: string, rungs: TakenRungs): Promise<void> {
  await prepareFolder(folder)
  await writeFileAtomic(join(folder, rungsFile), new TextEncoder().encode(JSON.stringify(rungs)))
}

/** Where a run that stops leaves the adapter as it is. */
export const stoppedAdapter = (folder: string): string => join(folder, stoppedFile)

/** The adapter of a run's folder; any other path is its own. Throws `run-not-stopped` where a run has not left one. */
export async function adapterOfRun(path: string): Promise<string> {
  const names = await readdir(path).catch((): string[] => [])
  if (names.includes(stoppedFile)) return join(path, stoppedFile)
  if (!names.includes(startedFile)) return path
  const sentence = `The run in "${path}" has left no adapter: one that was killed leaves its checkpoints alone. Start the same command again and stop it with Ctrl-C or --stop-at, then export it.`
  throw new PigmentError('run-not-stopped', sentence, { path })
}
