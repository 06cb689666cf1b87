// Which libraries are missing: what the loader would not find, followed from library to library.

/** A library that is asked for and not there, and who asks for it. */
export interface MissingLibrary {
  readonly name: string
  readonly by: string
}

interface Asking {
  readonly needed: readonly string[]
}

/**
 * From `roots` on, each with those that it asks for. `library` gives what is at hand by name; `elsewhere` says whether the system has a name that is
 * not. Names are those of the loader: sonames on Linux, file names on Windows.
 */
export function closureOf(
  roots: readonly string[],
  library: (name: string) => Asking | undefined,
  elsewhere: (name: string) => boolean,
): { readonly found: readonly string[]; readonly missing: readonly MissingLibrary[] } {
  const found = new Set<string>()
  const missing = new Map<string, MissingLibrary>()
  const open = roots.map((name) => ({ name, by: '' }))
  for (let next = open.pop(); next; next = open.pop()) {
    const { name, by } = next
    if (found.has(name) || missing.has(name)) continue
    const here = library(name)
    if (here) {
      found.add(name)
      open.push(...here.needed.map((needed) => ({ name: needed, by: name })))
    } else if (!elsewhere(name)) missing.set(name, { name, by })
  }
  return { found: [...found], missing: [...missing.values()] }
}
