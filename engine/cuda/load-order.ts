// The order in which libraries can be loaded: each after those that it asks for.
interface Asking {
  readonly needed: readonly string[]
}

/** Names of `libraries`; two that ask for each other come in the order in which they were met. */
export function loadOrder(libraries: ReadonlyMap<string, Asking>): readonly string[] {
  const ordered = new Set<string>()
  const entered = new Set<string>()
  const enter = (name: string): void => {
    const library = libraries.get(name)
    if (!library || entered.has(name)) return
    entered.add(name)
    for (const needed of library.needed) enter(needed)
    ordered.add(name)
  }
  for (const name of libraries.keys()) enter(name)
  return [...ordered]
}
