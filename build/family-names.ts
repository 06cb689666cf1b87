// A model family is a folder below engine/models/families/. Everywhere else families are asked, and never told apart by name.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { familyNames } from '../engine/checkpoint/family-names.ts'

/** Folders of the families themselves, tests and what they are made with, and words. */
const apart =
  /(^|\/)(node_modules|dist|bundle|fixtures|words|fake)\/|^engine\/models\/families\/|\.test\.ts$|\/testing[^/]*\.ts$|family-names\.ts$/

const names = familyNames.join('|')

/** A comparison with a family, a switch over families, a family's name as a value or as the key of a table. */
const signs: readonly RegExp[] = [
  /\bfamily(\.name)?\s*[!=]==\s*['"`]/,
  /\bswitch\s*\([^)]*\bfamily\b/,
  new RegExp(`['"\`](${names})['"\`]`),
  new RegExp(`(^|[{,])\\s*(${names}):\\s`),
]

/** Places that know a family by name, with their line. */
export function familyNamesIn(path: string, text: string): string[] {
  if (apart.test(path)) return []
  return text.split('\n').flatMap((line, i) => {
    const code = line.replace(/^\s*(\*|\/\/|\/\*).*/, '')
    return signs.some((sign) => sign.test(code)) ? [`${path}:${i + 1}: ${code.trim()}`] : []
  })
}

/** Those of the program itself. */
export function familyNamesTold(root = join(import.meta.dirname, '..')): string[] {
  return ['engine', 'main', 'renderer'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile() || !/\.(ts|svelte)$/.test(entry.name)) return []
      const file = join(entry.parentPath, entry.name)
      const path = relative(root, file).replaceAll('\\', '/')
      return apart.test(path) ? [] : familyNamesIn(path, readFileSync(file, 'utf8'))
    }),
  )
}
