// Folders on disks that may have gone: a share that does not answer holds each thread that asks it, and a process has few. One question at a
// time is asked until it answers; while it does not, nobody asks it anything more.
import { availableThreads } from './threads.ts'
import { PigmentError } from '../requests/error.ts'

/** Asks the disk one thing. */
export type Ask = <T>(question: () => Promise<T>) => Promise<T>

export const patience = 4000
/** Folders of which a question has no answer yet, although it was waited for. */
const silent = new Set<string>()
/** The last look at each folder that is being looked at: the next one waits for its end, so that a dead disk holds the threads of one. */
const looks = new Map<string, Promise<unknown>>()

/**
 * A look at a folder, whose every question goes through `ask`. Throws `folder-not-answering` when none of them is answered for `wait`
 * milliseconds; the threads that they hold come back with the disk.
 */
export async function answering<T>(folder: string, look: (ask: Ask) => Promise<T>, wait = patience): Promise<T> {
  const before = looks.get(folder) ?? Promise.resolve()
  const mine = before.then(
    () => lookAt(folder, look, wait),
    () => lookAt(folder, look, wait),
  )
  looks.set(folder, mine)
  try {
    return await mine
  } finally {
    if (looks.get(folder) === mine) looks.delete(folder)
  }
}

async function lookAt<T>(folder: string, look: (ask: Ask) => Promise<T>, wait: number): Promise<T> {
  // Each silent folder holds a thread or more; half of them stay for the folders that do answer.
  if (silent.has(folder) || silent.size >= availableThreads() / 2) throw notAnswering(folder)
  let [open, late] = [0, false]
  /** Checks since the last answer, and not the time: a process that was busy itself has heard nothing meanwhile. */
  let checks = 0
  const ask: Ask = async (question) => {
    if (late) throw notAnswering(folder)
    open++
    try {
      return await question()
    } finally {
      open--
      checks = 0
      if (late && open === 0) silent.delete(folder)
    }
  }
  return new Promise<T>((resolve, reject) => {
    const timer = setInterval(() => {
      checks = open > 0 ? checks + 1 : 0
      if (checks < 4) return
      late = true
      silent.add(folder)
      clearInterval(timer)
      reject(notAnswering(folder))
    }, wait / 4)
    void look(ask)
      .then(resolve, reject)
      .finally(() => clearInterval(timer))
  })
}

function notAnswering(folder: string): PigmentError {
  return new PigmentError(
    'folder-not-answering',
    `The disk of "${folder}" does not answer. Connect it again, or wait; it is looked at again by itself, and nothing is lost.`,
    { folder },
  )
}
