// Operating-system errors as the engine's records, in words a person can act on.
import { dirname } from 'node:path'
import { PigmentError } from '../requests/error.ts'

type Doing = 'read' | 'write'

interface Explanation {
  readonly code: string
  readonly sentence: (path: string) => string
}

const writing: Readonly<Record<string, Explanation>> = {
  ENOSPC: { code: 'disk-full', sentence: (p) => `The disk that holds "${dirname(p)}" is full. Free some space, or choose another folder.` },
  EDQUOT: {
    code: 'disk-full',
    sentence: (p) => `Your disk quota for "${dirname(p)}" is used up. Free some space, or choose another folder.`,
  },
  EFBIG: { code: 'file-too-large', sentence: () => 'The disk cannot hold a file of this size (FAT32 stops at 4 GB). Choose another disk.' },
  EACCES: notWritable('You may not write there. Choose another folder, or change its permissions.'),
  EPERM: notWritable(
    'The system does not allow it: the file may be protected, or open in another program. Close it or choose another name.',
  ),
  EBUSY: notWritable('The file is open in another program. Close it there, or choose another name.'),
  EROFS: notWritable('The disk is read-only. Choose another folder.'),
  ENOENT: { code: 'folder-missing', sentence: (p) => `The folder "${dirname(p)}" does not exist. Create it, or choose another one.` },
  ENOTDIR: { code: 'folder-missing', sentence: (p) => `"${dirname(p)}" is not a folder. Choose another place.` },
  EISDIR: { code: 'is-folder', sentence: () => 'A folder of that name is already there. Choose another file name.' },
  ENAMETOOLONG: { code: 'name-too-long', sentence: () => 'The file name is too long for this disk. Choose a shorter one.' },
}

const reading: Readonly<Record<string, Explanation>> = {
  ENOENT: { code: 'file-not-found', sentence: () => 'There is no such file. It may have been moved, renamed or deleted.' },
  ENOTDIR: { code: 'file-not-found', sentence: () => 'A part of this path is a file, not a folder.' },
  EACCES: { code: 'not-readable', sentence: () => 'You may not read it. Change its permissions, or copy it to a folder of yours.' },
  EPERM: { code: 'not-readable', sentence: () => 'The system does not allow reading it. It may be open in another program.' },
  EISDIR: { code: 'is-folder', sentence: () => 'This is a folder, where a file was expected.' },
  ENAMETOOLONG: { code: 'file-not-found', sentence: () => 'The path is too long to exist.' },
}

function notWritable(sentence: string): Explanation {
  return { code: 'not-writable', sentence: () => sentence }
}

/** EMFILE is this process's limit, ENFILE the whole machine's: the file itself is sound. */
function openFilesLimit(system: string): Explanation | undefined {
  if (system !== 'EMFILE' && system !== 'ENFILE') return undefined
  return {
    code: 'too-many-open-files',
    sentence: () =>
      'Too many files are open at once. Close other programs or end other work, and try again; on Linux and macOS "ulimit -n 4096" before the start allows more.',
  }
}

/** The record of a limit of the system that stopped the reading of a file which may be sound; undefined for any other error. */
export function systemLimit(error: unknown, path: string): PigmentError | undefined {
  return openFilesLimit(systemCode(error)) && fileError(error, path, 'read')
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

/** An error of node:fs as a PigmentError that names the file and what to do; a PigmentError passes unchanged. */
export function fileError(error: unknown, path: string, doing: Doing): PigmentError {
  if (error instanceof PigmentError) return error
  const system = systemCode(error)
  const known = (doing === 'write' ? writing : reading)[system]
  const limit = openFilesLimit(system)
  const code = limit?.code ?? known?.code ?? (doing === 'write' ? 'write-failed' : 'read-failed')
  const why =
    limit?.sentence(path) ?? known?.sentence(path) ?? `The system says: ${error instanceof Error ? error.message : String(error)}.`
  return new PigmentError(code, `Cannot ${doing} "${path}". ${why}`, { path, system }, error)
}
