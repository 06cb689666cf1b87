// Which files go with pictures that leave a set.
import { join } from 'node:path'
import type { Found } from '../../engine/datasets/found.ts'

/** Pictures with their captions, but not one that a picture which stays reads too. */
export function filesOf(leaving: readonly Found[], all: Iterable<Found>): string[] {
  const captions = leaving.flatMap(({ root, folder, pair }) => (pair.caption === undefined ? [] : [join(root, folder, pair.caption)]))
  const kept = new Set<string>()
  if (leaving.some(({ pair }) => pair.shared)) {
    const gone = new Set(leaving.map(({ id }) => id))
    for (const { id, root, folder, pair } of all)
      if (!gone.has(id) && pair.caption !== undefined) kept.add(join(root, folder, pair.caption))
  }
  const own = leaving.flatMap(({ file, sidecar }) => [file, sidecar])
  return [...new Set([...own, ...captions.filter((file) => !kept.has(file))])]
}
