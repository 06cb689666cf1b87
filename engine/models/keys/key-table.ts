// A reversible table of module paths: our name ↔ the file's name. A row covers everything below its path.

export type KeyRow = readonly [ours: string, theirs: string]

export class KeyTable {
  readonly #theirs: ReadonlyMap<string, string>
  readonly #ours: ReadonlyMap<string, string>
  constructor(rows: readonly KeyRow[]) {
    this.#theirs = new Map(rows)
    this.#ours = new Map(rows.map(([ours, theirs]) => [theirs, ours]))
  }
  /** The file's path for one of ours, or undefined where the table has no row. */
  toFile(path: string): string | undefined {
    return replaceLongestPrefix(path, this.#theirs)
  }
  /** Our path for one of the file's, or undefined where the table has no row. */
  fromFile(path: string): string | undefined {
    return replaceLongestPrefix(path, this.#ours)
  }
}

function replaceLongestPrefix(path: string, rows: ReadonlyMap<string, string>): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const replacement = rows.get(path.slice(0, end))
    if (replacement !== undefined) return replacement + path.slice(end)
  }
  return undefined
}

/** Rows for the parts inside a module, spelled under both paths. */
export const nested = (ours: string, theirs: string, parts: readonly KeyRow[]): KeyRow[] =>
  parts.map(([our, their]) => [`${ours}.${our}`, `${theirs}.${their}`])
