// A lock that the system holds, by SQLite's own on an empty database: it is atomic, and goes with its process however that ends, so that there is
// nothing stale to be told from something held.
import { DatabaseSync } from 'node:sqlite'

const sqliteBusy = 5

/** The open database, which is the lock; nothing where another process, or another holder in this one, has it. Throws what SQLite throws. */
export function holdLock(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    // Without a journal beside it.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return database
  } catch (cause) {
    database?.close()
    if (cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === sqliteBusy) return undefined
    throw cause
  }
}
