import { PigmentError } from '../../engine/requests/error.ts'
import { pausedAdapter } from '../api/paused-adapter.ts'
import { titleOf, triggersOf } from './adapter-cards.ts'
import type { LibraryEntry } from './adapter-entry.ts'
import { lentFile, lentName } from './lent-adapters.ts'
import type { Library } from './library.ts'

/** An adapter that can be drawn with. */
export interface Drawable {
  readonly kind: LibraryEntry['facts']['kind']
  readonly file: string
  /** In what a picture says of itself. */
  readonly name: string
  readonly title: string
  readonly triggers: readonly string[]
  /** The name does not follow from the file. */
  readonly named: boolean
}

/** One of the library, or what a paused run has learnt until then. Throws `adapter-unknown`, `run-not-paused`. */
export function drawable(library: Library, id: string): Drawable {
  const lent = library.lent.get(id)
  if (!lent && id.startsWith(pausedAdapter(''))) {
    const sentence =
      'This run is not paused any more, so that there is nothing of it as it was then. Pause it again, or take it off the stack.'
    throw new PigmentError('run-not-paused', sentence, { adapter: id })
  }
  const entry = lent?.entry ?? library.entry(id)
  const name = lent ? lentName(lent) : library.nameOf(id)
  return {
    kind: entry.facts.kind,
    file: lent ? lentFile(lent) : library.path(id),
    name,
    title: lent ? name : titleOf(entry),
    triggers: triggersOf(entry),
    named: lent !== undefined,
  }
}
