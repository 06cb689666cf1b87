// A wheel's list of its files ("Recording installed projects", Python Packaging User Guide): path, hash, size, in rows of commas.

/** SHA-256 in hexadecimal by path. What is not understood is left out. */
export function recordedHashes(record: string): ReadonlyMap<string, string> {
  return new Map(
    record.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, quoted, plain, hash] = /^(?:"((?:[^"]|"")*)"|([^",]*)),sha256=([\w-]{43}),\d*$/.exec(line) ?? []
      const path = quoted?.replaceAll('""', '"') ?? plain
      return path && hash ? [[path, Buffer.from(hash, 'base64url').toString('hex')]] : []
    }),
  )
}
