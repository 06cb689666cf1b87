// Where the weights of a session really lie. The runtime follows no link out of the one folder that it is given, and a model in a Hugging Face
// cache is a tree of links: so links are followed here, and the folder is the one above all the files that they lead to.
import { realpathSync } from 'node:fs'
import nodePath from 'node:path'
import { fileError } from '../files/file-error.ts'

export interface WeightFiles {
  /** Absent where there are no files. */
  readonly folder?: string
  /** A file as seen from the folder, with forward slashes; undefined where it lies on another drive and has to be read. */
  readonly locate: (file: string) => string | undefined
}

/** The folder above these files, once their links are followed. Windows has drives: there it is the one above most of their bytes. */
export function weightFiles(
  sources: readonly { readonly file: string; readonly length: number }[],
  { path = nodePath, real = realpathSync.native }: { path?: nodePath.PlatformPath; real?: (file: string) => string } = {},
): WeightFiles {
  const bytes = new Map<string, number>()
  for (const { file, length } of sources) bytes.set(file, (bytes.get(file) ?? 0) + length)
  const found = new Map<string, string>()
  const drives = new Map<string, number>()
  for (const [file, size] of bytes) {
    const target = followed(file, real)
    found.set(file, target)
    const drive = path.parse(target).root
    drives.set(drive, (drives.get(drive) ?? 0) + size)
  }
  const [drive] = [...drives].sort((a, b) => b[1] - a[1])[0] ?? []
  if (drive === undefined) return { locate: () => undefined }
  const here = [...found].filter(([, target]) => path.parse(target).root === drive)
  const folder = here.map(([, target]) => path.dirname(target)).reduce((above, one) => common(above, one, path))
  const locations = new Map(here.map(([file, target]) => [file, path.relative(folder, target).split(path.sep).join('/')]))
  return { folder, locate: (file) => locations.get(file) }
}

function followed(file: string, real: (file: string) => string): string {
  try {
    return real(file)
  } catch (error) {
    throw fileError(error, file, 'read')
  }
}

function common(a: string, b: string, path: nodePath.PlatformPath): string {
  let above = a
  while (path.relative(above, b).split(path.sep)[0] === '..') above = path.dirname(above)
  return above
}
