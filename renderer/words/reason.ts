// Sentences of the engine in another language: each is found by its shape, and what stands in its blanks is carried over.
interface Said {
  readonly shape: RegExp
  readonly words: string
}

/** Gives what tells a sentence by this catalogue, or nothing where it does not know it. */
export function reasonTeller(catalogue: Readonly<Record<string, string>>): (sentence: string) => string | undefined {
  const all: readonly Said[] = Object.entries(catalogue).map(([said, words]) => ({ shape: shapeOf(said), words }))
  const tell = (sentence: string): string | undefined => {
    for (const { shape, words } of all) {
      const found = shape.exec(sentence)
      // A blank may hold a sentence of its own.
      if (found) return words.replace(/\{(\w+)\}/g, (_, name: string) => tell(found.groups?.[name] ?? '') ?? found.groups?.[name] ?? '')
    }
    return undefined
  }
  return tell
}

function shapeOf(said: string): RegExp {
  const parts = said.split(/\{(\w+)\}/).map((part, i) => (i % 2 === 1 ? `(?<${part}>.+?)` : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}$`, 's')
}
