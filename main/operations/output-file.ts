// Whether a result can be written is asked before hours of work, not after them.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, open, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/requests/error.ts'

/**
 * Makes the folder of `path` and checks that a file can appear there, which is none of the `sources` that it is made from: they cannot be had again.
 * Throws `usage`, `is-folder`, `output-is-input`, `not-writable` and the like.
 */
export async function prepareOutput(path: string, ending: string, sources: readonly string[] = []): Promise<string> {
  if (!path.toLowerCase().endsWith(ending))
    throw new PigmentError('usage', `"${path}" must end in ${ending}. Choose another name.`, { path, ending })
  try {
    await prepareFolder(dirname(resolve(path)))
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory())
      throw new PigmentError('is-folder', `Cannot write "${path}". A folder of that name is already there. Choose another file name.`, {
        path,
      })
    if (found) await access(path, constants.W_OK)
    await refuseInput(path, sources)
  } catch (error) {
    throw fileError(error, path, 'write')
  }
  return resolve(path)
}

/** Throws `output-is-input` where the place of a result is one of its sources, also by a link. */
export async function refuseInput(path: string, sources: readonly string[]): Promise<void> {
  const real = await realpath(path).catch(() => undefined)
  for (const source of real === undefined ? [] : sources)
    if ((await realpath(source).catch(() => undefined)) === real)
      throw new PigmentError(
        'output-is-input',
        `"${path}" is one of the files that the result is made from, and would be lost. Choose another name.`,
        { path },
      )
}

/** Makes a folder that can be written. Step by step: Node's recursive mkdir never returns below /proc. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    const parent = dirname(folder)
    const found = await stat(folder).catch(() => undefined)
    if (!found && parent !== folder) {
      await prepareFolder(parent)
      await mkdir(folder)
    }
    if (found && !found.isDirectory())
      throw new PigmentError('folder-missing', `"${folder}" is a file, where a folder is needed. Choose another place.`, { path: folder })
    await tryFile(folder)
  } catch (error) {
    throw fileError(error, folder, 'write')
  }
}

/** Permissions say too little: to root they do not apply, and some file systems take no files at all. */
async function tryFile(folder: string): Promise<void> {
  const path = join(folder, `.pigment-${randomBytes(6).toString('hex')}.tmp`)
  await (await open(path, 'wx')).close()
  await rm(path)
}
