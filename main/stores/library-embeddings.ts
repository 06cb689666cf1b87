// Textual inversions of the library: what calls them, and which ones a prompt may call.
import { mayCall } from '../operations/may-call.ts'
import type { EmbeddingFile } from '../operations/picture-task.ts'
import { shortName, triggersOf } from './adapter-cards.ts'
import type { LibraryEntry } from './adapter-entry.ts'

/** The name of its file, the file's own tokens, and those that its person gave it. */
export const callsOf = (entry: LibraryEntry): string[] => [...new Set([shortName(entry), ...entry.facts.triggers, ...triggersOf(entry)])]

export const embeddingsAmong = (entries: readonly LibraryEntry[]): LibraryEntry[] =>
  entries.filter(({ facts, gone }) => facts.kind === 'embedding' && !gone)

interface Shelf {
  embeddings(): readonly LibraryEntry[]
  path(id: string): string
}

/** Those that these texts may call. */
export function embeddingsCalled(library: Shelf, texts: readonly string[]): EmbeddingFile[] {
  const called = library.embeddings().filter((one) => callsOf(one).some((name) => mayCall(texts, name)))
  return called.map((entry) => ({ file: library.path(entry.id), alsoCalled: [...triggersOf(entry)] }))
}
