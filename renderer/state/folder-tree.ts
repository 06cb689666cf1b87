// Folders of the library as a way down: where one is, and what lies one step deeper.

export interface FolderStep {
  /** The whole way, as cards have it: `Lora/places`. */
  readonly way: string
  readonly name: string
}
export interface FolderInside extends FolderStep {
  /** Of adapters in it, with those deeper in it. */
  readonly count: number
}

/** `a/b` lies in `a` too. */
export const waysOf = (folder: string): string[] =>
  folder === '' ? [] : folder.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))

/** From the top to a folder; each is a step back. */
export const stepsTo = (folder: string): FolderStep[] => waysOf(folder).map((way) => ({ way, name: way.split('/').at(-1) ?? way }))

/** What is in a folder, or at the top, by name as people count: `v2` before `v10`. */
export function foldersInside(folders: readonly string[], here = ''): FolderInside[] {
  const counts = new Map<string, number>()
  for (const folder of folders) {
    if (here !== '' && !folder.startsWith(`${here}/`)) continue
    const [name] = folder.slice(here === '' ? 0 : here.length + 1).split('/')
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return Array.from(counts, ([name, count]) => ({ way: here === '' ? name : `${here}/${name}`, name, count })).toSorted((a, b) =>
    a.name.localeCompare(b.name, undefined, { numeric: true }),
  )
}
