// Wildcards: text files of a folder and the folders in it, one choice a line; `#` begins a comment. A file is opened when it is first asked for, and the
// folder is gone through only for patterns and for names that are no path.
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { readRegular } from '../../engine/files/regular-file.ts'
import type { WildcardLines } from '../../engine/text/drawn-prompt.ts'

const largest = 32 * 2 ** 20
const ending = '.txt'

/** What a prompt's wildcards say, each file read once. A pattern has `*`, `?` and `[…]`, which go across folders too. */
export function wildcardLines(folder: string): WildcardLines {
  const read = new Map<string, Promise<readonly string[]>>()
  const linesOf = (name: string): Promise<readonly string[]> => {
    const found = read.get(name) ?? linesIn(join(folder, `${name}${ending}`))
    read.set(name, found)
    return found
  }
  let listed: Promise<readonly string[]> | undefined
  return async (called) => {
    const name = called
      .trim()
      .replace(/[\\/]+/g, '/')
      .replace(/^\/|\/$/g, '')
    if (name === '' || name.split('/').includes('..')) return []
    const own = /[*?[]/.test(name) ? [] : await linesOf(name)
    if (own.length > 0) return own
    const names = await (listed ??= wildcardNames(folder))
    // As there: what fits nothing is looked for in every folder.
    for (const pattern of [fitting(name), fitting(`**/${name}`)]) {
      const lines = (await Promise.all(names.filter((one) => pattern.test(one)).map(linesOf))).flat()
      if (lines.length > 0) return [...new Set(lines)].sort()
    }
    return []
  }
}

/** Of all files, as a prompt calls them. */
export async function wildcardNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true }).catch(() => [])
  return files.flatMap((file) => (file.toLowerCase().endsWith(ending) ? file.slice(0, -ending.length).split(sep).join('/') : [])).sort()
}

/** What is not there, or cannot be read, has no lines. */
async function linesIn(path: string): Promise<readonly string[]> {
  const bytes = await readRegular(path, largest).catch(() => undefined)
  if (!bytes) return []
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => line.trim())
  return [...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))].sort()
}

/** Python's fnmatch, whatever the case of letters. */
function fitting(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)([^\]]*)\]|[*?]|[.+^${}()|[\]\\]/g, (found, not: string | undefined, set: string | undefined) => {
    if (set !== undefined && set !== '') return `[${not ? '^' : ''}${set.replace(/[\\^[]/g, String.raw`\$&`)}]`
    return found === '*' ? '[^]*' : found === '?' ? '[^]' : found.replace(/[^]/g, String.raw`\$&`)
  })
  return new RegExp(`^${source}$`, 'i')
}
