// Files of a drop with their paths, folders walked through.
import type { DroppedFile } from '../../main/api/transport.ts'

/** Entries must be taken at once, before the event ends; the walk may take its time. `name` is that of the first folder or file. */
export function filesOf(items: DataTransferItemList): { readonly files: Promise<DroppedFile[]>; readonly name: string } {
  const entries = Array.from(items).flatMap((item) => item.webkitGetAsEntry() ?? [])
  return { files: Promise.all(entries.map(walk)).then((lists) => lists.flat()), name: (entries[0]?.name ?? '').replace(/\.[^.]+$/, '') }
}

async function walk(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ path: entry.fullPath.replace(/^\//, ''), blob }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: DroppedFile[] = []
  // A reader gives at most a hundred entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    for (const one of some) all.push(...(await walk(one)))
  }
}
