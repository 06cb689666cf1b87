// The textual inversions that a picture was drawn with: those that are not here are told by name.
import { unknownCalls } from '../../engine/text/embedding-calls.ts'
import type { Recalled } from '../api/methods/generate.ts'
import { callsOf } from '../stores/library-embeddings.ts'
import type { Library } from '../stores/library.ts'

type Missing = Recalled['missing'][number]

/** What A1111's line names (`TI hashes: "name: hash, …"`, `TI`), and what the prompts call as ComfyUI does. */
export function embeddingsNotHere(
  settings: ReadonlyMap<string, string>,
  texts: readonly string[],
  library: Pick<Library, 'embeddings'>,
): Missing[] {
  const here = library.embeddings().flatMap(callsOf)
  const known = new Set(here.map((name) => name.toLowerCase()))
  const named = ['TI hashes', 'TI'].flatMap((key) => (settings.get(key) ?? '').split(',')).map((pair) => (pair.split(':')[0] ?? '').trim())
  const all = { names: here, vectors: {}, file: '' }
  const called = texts.flatMap((text) => unknownCalls(text, [all])).map((call) => call.slice(call.indexOf(':') + 1).trim())
  const wanted = new Map([...named, ...called].filter(Boolean).map((name) => [name.toLowerCase(), name]))
  return [...wanted].flatMap(([plain, name]) => (known.has(plain) ? [] : [{ kind: 'embedding' as const, name: name.slice(0, longest) }]))
}

const longest = 60
