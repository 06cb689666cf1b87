// How a program of the same person finds the studio that runs on a data folder: its address and a token, in a file that nobody else may read.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const door = z.object({ origin: z.url(), token: z.string().min(20), process: z.int().positive() })
export type Door = z.output<typeof door>

const fileOf = (folder: string): string => join(folder, 'studio.door')

/** Never over the arguments of a process: those everybody on the machine can read. The returned function removes it. */
export async function openDoor(folder: string, to: Door): Promise<() => Promise<void>> {
  const file = fileOf(folder)
  // The mode counts only when a file is made.
  await rm(file, { force: true })
  await writeFile(file, JSON.stringify(to), { mode: 0o600, flag: 'wx' })
  return () => rm(file, { force: true })
}

/** That of the process which has the folder; nothing where it opened none. One that a killed studio left may lead to a stranger by now. */
export async function findDoor(folder: string, owner: unknown): Promise<Door | undefined> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const found = door.parse(JSON.parse(text))
    return found.process === owner ? found : undefined
  } catch {
    return undefined
  }
}
