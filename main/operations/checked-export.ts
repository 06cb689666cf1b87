// What other programs make of the files of an export, and the hashes by which they know them.
import { readFile } from 'node:fs/promises'
import { basename, relative, sep } from 'node:path'
import { checkReaders } from '../../engine/adapter-readers/check.ts'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { FileHashes } from '../../engine/requests/export.ts'
import { isLossy, type ReaderReport } from '../../engine/requests/reader-report.ts'
import type { BaseModel } from './adapter-bases.ts'
import { writtenFiles, type BytesOfFile } from './written-files.ts'

export interface CheckedExport {
  readonly readers: readonly ReaderReport[]
  readonly hashes: readonly FileHashes[]
}

export async function checkedExport(
  files: readonly BytesOfFile[],
  adapter: Pick<Adapter, 'modules'>,
  { modules: { family, layout, shapes, closed } }: BaseModel,
  format: string,
): Promise<CheckedExport> {
  const { read, hashes } = writtenFiles(files)
  return { readers: await checkReaders(read, adapter, { family, layout, shapes: new Map([...shapes, ...closed]) }, format), hashes }
}

/** The files of an export as they lie on the disk, by their paths from its folder. */
export const filesOnDisk = (paths: readonly string[], out: string): Promise<BytesOfFile[]> =>
  Promise.all(
    paths.map(async (path) => ({
      name: path === out ? basename(path) : relative(out, path).split(sep).join('/'),
      bytes: await readFile(path),
    })),
  )

/** Throws `export-lossy` where a program that the format is meant for loses layers. */
export function refuseLossy(out: string, readers: readonly ReaderReport[]): void {
  const lossy = readers.filter(isLossy)
  if (lossy.length === 0) return
  const sentences = lossy.map(({ title, loaded, layers, refused, dropped: [first] }) => {
    const why = refused?.message ?? (first ? `${first.key}: ${first.reason.message}` : '')
    return `${title} loads ${loaded} of ${layers} layers. ${why}`
  })
  throw new PigmentError(
    'export-lossy',
    `"${out}" was written, and not every program that it is for reads it whole: ${sentences.join(' ')} Choose another format (--to), or a plain LoRA (--as-lora).`,
    { out, readers: lossy.map(({ title }) => title), lossy },
  )
}

/** For a terminal: one line a program. */
export const readerLines = (readers: readonly ReaderReport[]) =>
  readers.map(({ title, meant, looksOnly, loaded, layers, difference, droppedCount, ofBase, refused, notes }) => ({
    program: title,
    for: meant ? 'yes' : 'no',
    layers: looksOnly ? '–' : `${loaded} of ${layers}`,
    difference: looksOnly || loaded === 0 ? '–' : difference.toExponential(1),
    dropped: droppedCount,
    ...(ofBase > 0 ? { notCompared: ofBase } : {}),
    notes: [...(refused ? [refused] : []), ...notes].map(({ message }) => message).join(' '),
  }))
